package serve

import (
	"fmt"
	"strings"
	"testing"
)

func TestDiffs(t *testing.T) {
	t.Parallel()
	files, cut := parseDiff("--- a/x\n+++ b/x\n@@ -3,2 +3,3 @@ here\n same\n--- no header\n+++ neither\n+more\n\\ No newline at end of file\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+a\n")
	var got []string
	for _, f := range files {
		got = append(got, fmt.Sprintf("%s +%d -%d", f.Path, f.Added, f.Removed))
		for _, l := range f.Lines {
			got = append(got, fmt.Sprintf("%d %d %s%s", l.Old, l.New, l.Mark(), l.Text))
		}
	}
	want := "x +2 -1|0 0  @@ -3,2 +3,3 @@ here|3 3  same|4 0 --- no header|0 4 +++ neither|0 5 +more|0 0  No newline at end of file|new +1 -0|0 0  @@ -0,0 +1 @@|0 1 +a"
	if strings.Join(got, "|") != want || cut {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

func TestDiffsAreBounded(t *testing.T) {
	t.Parallel()
	text := "--- a/x\n+++ b/x\n@@ -0,0 +1,100000 @@\n" + strings.Repeat("+"+strings.Repeat("y", 3*shownColumns)+"\n", 3*shownLines)
	files, cut := parseDiff(text)
	if !cut || len(files[0].Lines) > shownLines || len(files[0].Lines[1].Text) > shownColumns+10 {
		t.Errorf("%d lines", len(files[0].Lines))
	}
}

// FuzzDiff holds the reading of diffs to its bounds, whatever is stored.
func FuzzDiff(f *testing.F) {
	f.Add("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
	f.Add("\\ x\n@@ -1 +1 @@\n--- ")
	f.Fuzz(func(t *testing.T, text string) {
		files, _ := parseDiff(text)
		n := 0
		for _, file := range files {
			n += len(file.Lines)
			for _, l := range file.Lines {
				if len(l.Text) > 9*(shownColumns+10) || strings.ContainsRune(l.Text, '\u202e') {
					t.Fatalf("%q", l.Text)
				}
			}
		}
		if n > shownLines {
			t.Fatalf("%d lines", n)
		}
	})
}
