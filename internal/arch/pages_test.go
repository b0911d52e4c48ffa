package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pages are what people read, relative to the root.
var pages = []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/campaigns.md", "docs/deploy.md", "docs/json.md"}

const root = "../.."

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	inCode     = regexp.MustCompile("`((?:cmd|docs|fixers|internal|testdata)/[^`\\s]+)`")
	inLink     = regexp.MustCompile(`\]\(([^):#]+)\)`)
	makeTarget = regexp.MustCompile("(?m)(?:^|`)make ([a-z]+(?:-[a-z]+)*)")
)

// TestPathsOnPagesExist passes over patterns: fixers/<name>, testdata/apps/NAME. Links start at the folder of their page, code at the root.
func TestPathsOnPagesExist(t *testing.T) {
	for _, name := range pages {
		text := page(t, name)
		var found []string
		for _, m := range inCode.FindAllStringSubmatch(text, -1) {
			found = append(found, m[1])
		}
		for _, m := range inLink.FindAllStringSubmatch(text, -1) {
			found = append(found, filepath.Join(filepath.Dir(name), m[1]))
		}
		if len(found) == 0 && !strings.HasPrefix(name, "docs/") {
			t.Errorf("%s names no path: the patterns of this test are wrong", name)
		}
		for _, path := range found {
			if strings.Contains(path, "<") || strings.Contains(path, "NAME") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s names %s, which is not there", name, path)
			}
		}
	}
}

func TestTargetsOnPagesExist(t *testing.T) {
	makefile := page(t, "Makefile")
	for _, name := range pages {
		for _, m := range makeTarget.FindAllStringSubmatch(page(t, name), -1) {
			// A rule may have several targets: corpus gold apps users kubernetes:
			rule := regexp.MustCompile(`(?m)^[a-z -]*\b` + m[1] + `\b[a-z -]*:`)
			if !rule.MatchString(makefile) {
				t.Errorf("%s says make %s, which the Makefile does not have", name, m[1])
			}
		}
	}
}

// TestTableNamesEveryPackage holds ARCHITECTURE.md to the layers, but for the
// programs, and what only tests and measures.
func TestTableNamesEveryPackage(t *testing.T) {
	_, table, _ := strings.Cut(page(t, "ARCHITECTURE.md"), "## Who may import whom")
	table, _, _ = strings.Cut(table, "\n## ")
	var first []string
	for row := range strings.Lines(table) {
		if cells := strings.Split(row, "|"); len(cells) > 2 {
			first = append(first, strings.FieldsFunc(cells[1], func(r rune) bool { return r == ',' || r == ' ' })...)
		}
	}
	named := " " + strings.Join(first, " ") + " "
	for _, names := range layers[:len(layers)-1] {
		for _, name := range names {
			short := strings.TrimPrefix(name, "internal/")
			if name == "fixers" || name == "internal/fixtest" {
				continue
			}
			if !strings.Contains(named, " "+short+" ") {
				t.Errorf("the table of ARCHITECTURE.md has no row for %s", short)
			}
		}
	}
}
