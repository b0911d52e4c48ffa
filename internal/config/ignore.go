package config

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// An Ignore is one name in a comment "# drydock: ignore=FIXER[,FIXER] reason" or
// "# drydock: ignore-file=...".
type Ignore struct {
	Fixer  string
	Reason string // "" if none is given
	Offset int    // of the comment's line
	// Inst is the instruction below the comment; nil for the whole file.
	Inst *syntax.Instruction
}

// Ignores lists what the comments of a file say. "ignore" stands among the
// comments directly above its instruction, "ignore-file" above the first
// instruction; elsewhere they say nothing.
func Ignores(file *syntax.File) []Ignore {
	if !strings.Contains(file.Text, "drydock:") || len(file.Instructions) == 0 {
		return nil
	}
	var all []Ignore
	for _, line := range file.Lines[:file.Instructions[0].FirstLine] {
		all = append(all, readIgnores(file, line, "ignore-file", nil)...)
	}
	for _, inst := range file.Instructions {
		for _, line := range inst.Comments() {
			all = append(all, readIgnores(file, line, "ignore", inst)...)
		}
	}
	return all
}

// Astray lists the offsets of the comments that speak to drydock and say nothing:
// Ignores does not read them, as they stand elsewhere or are misspelled.
func Astray(file *syntax.File) []int {
	read := map[int]bool{}
	for _, ignore := range Ignores(file) {
		read[ignore.Offset] = true
	}
	var all []int
	for _, line := range file.Lines {
		if _, ok := toDrydock(file, line); ok && line.IsComment() && !read[line.Start] {
			all = append(all, line.Start)
		}
	}
	return all
}

// toDrydock gives what a comment says to drydock.
func toDrydock(file *syntax.File, line syntax.Line) (text string, ok bool) {
	comment := strings.TrimPrefix(strings.TrimSpace(file.Slice(line.Span)), source.BOM)
	text, ok = strings.CutPrefix(strings.TrimLeft(comment, "# \t"), "drydock:")
	return strings.TrimSpace(text), ok
}

func readIgnores(file *syntax.File, line syntax.Line, key string, inst *syntax.Instruction) []Ignore {
	if line.Kind != syntax.CommentLine {
		return nil
	}
	text, ok := toDrydock(file, line)
	if !ok {
		return nil
	}
	found, rest, ok := strings.Cut(text, "=")
	if !ok || found != key {
		return nil
	}
	names, reason, _ := strings.Cut(rest, " ")
	var all []Ignore
	for name := range strings.SplitSeq(names, ",") {
		all = append(all, Ignore{Fixer: name, Reason: strings.TrimSpace(reason), Offset: line.Start, Inst: inst})
	}
	return all
}

// Suppressed reports whether a comment keeps a fixer from the instructions that
// the span at touches, and the reason that it gives.
func Suppressed(file *syntax.File, fixer string, at source.Span) (reason string, ok bool) {
	for _, ignore := range Ignores(file) {
		if ignore.Fixer != fixer || ignore.Inst != nil && !touches(ignore.Inst.Span, at) {
			continue
		}
		if ignore.Reason == "" {
			return "a comment says to ignore it", true
		}
		return ignore.Reason, true
	}
	return "", false
}

func touches(inst, at source.Span) bool { return inst.Overlaps(at) || inst.Contains(at) }
