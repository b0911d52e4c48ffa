package serve

import (
	"regexp"
	"strconv"
	"strings"
)

// Bounds on what is shown of a diff; the rest is in the file that can be taken away.
const (
	shownLines   = 2000
	shownColumns = 2000 // bytes of a line
)

// A diffFile is what a diff does to one file.
type diffFile struct {
	Path           string
	Lines          []diffLine
	Added, Removed int
}

// A diffLine is a line of a diff. Its numbers are 0 where it has none.
type diffLine struct {
	Kind     string // "add", "del", "at", ""
	Old, New int
	Text     string // without its mark
}

// Mark is how a diff marks the line.
func (l diffLine) Mark() string {
	switch l.Kind {
	case "add":
		return "+"
	case "del":
		return "-"
	}
	return " "
}

var hunkHead = regexp.MustCompile(`^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@`)

// parseDiff reads a unified diff as far as it is shown; cut tells of a rest. A
// hunk's own counts say where it ends, so that a removed line "-- x" is no header.
func parseDiff(text string) (files []diffFile, cut bool) {
	shown, was, is, oldLeft, newLeft := 0, 0, 0, 0, 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if shown >= shownLines {
			return files, true
		}
		if oldLeft+newLeft > 0 || strings.HasPrefix(line, `\`) {
			if len(files) == 0 || line == "" {
				continue
			}
			file := &files[len(files)-1]
			shownLine := diffLine{Text: bound(line[1:])}
			switch line[0] {
			case '+':
				shownLine.Kind, shownLine.New = "add", is
				is, newLeft, file.Added = is+1, newLeft-1, file.Added+1
			case '-':
				shownLine.Kind, shownLine.Old = "del", was
				was, oldLeft, file.Removed = was+1, oldLeft-1, file.Removed+1
			case '\\':
				shownLine = diffLine{Kind: "at", Text: strings.TrimSpace(line[1:])}
			default:
				shownLine.Old, shownLine.New = was, is
				was, is, oldLeft, newLeft = was+1, is+1, oldLeft-1, newLeft-1
			}
			file.Lines = append(file.Lines, shownLine)
			shown++
			continue
		}
		if path, ok := strings.CutPrefix(line, "--- "); ok {
			files = append(files, diffFile{Path: named(path, "a/")})
			continue
		}
		if len(files) == 0 {
			continue
		}
		file := &files[len(files)-1]
		if path, ok := strings.CutPrefix(line, "+++ "); ok {
			if path != "/dev/null" {
				file.Path = named(path, "b/")
			}
			continue
		}
		if head := hunkHead.FindStringSubmatch(line); head != nil {
			was, is = number(head[1], 0), number(head[3], 0)
			oldLeft, newLeft = number(head[2], 1), number(head[4], 1)
			file.Lines = append(file.Lines, diffLine{Kind: "at", Text: bound(line)})
			shown++
		}
	}
	return files, false
}

func number(digits string, without int) int {
	if digits == "" {
		return without
	}
	n, _ := strconv.Atoi(digits) // the expression allows nothing else
	return n
}

func named(path, prefix string) string {
	path, _, _ = strings.Cut(path, "\t")
	return strings.TrimPrefix(path, prefix)
}

// bound cuts a line that is too long to be read, and shows what steers.
func bound(line string) string {
	if len(line) > shownColumns {
		line = strings.ToValidUTF8(line[:shownColumns], "") + " …"
	}
	return plain(strings.TrimSuffix(line, "\r"))
}
