package report

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// oracles apply a diff, read from standard input, to the files of a folder.
var oracles = [][]string{{"git", "apply", "-"}, {"patch", "-p1", "--binary"}}

// apply gives what an oracle makes of before with the diff.
func apply(t *testing.T, oracle []string, path, before, diff string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(oracle[0], oracle[1:]...)
	cmd.Dir = dir
	// The user's git configuration may say core.autocrlf, and a repository
	// around the temporary folder would be taken for the diff's.
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	cmd.Stdin = strings.NewReader(diff)
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s\ndiff:\n%q", oracle[0], err, output, diff)
	}
	after, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(after)
}

func checkOracles(t *testing.T, path, before, after string) {
	t.Helper()
	diff := Diff(path, before, after)
	if before == after {
		if diff != "" {
			t.Errorf("equal texts give the diff %q", diff)
		}
		return
	}
	for _, oracle := range oracles {
		if got := apply(t, oracle, path, before, diff); got != after {
			t.Errorf("%s makes %q of %q, want %q, by the diff:\n%s", oracle[0], got, before, after, diff)
		}
	}
}

func TestDiffApplies(t *testing.T) {
	for name, texts := range map[string][2]string{
		"one line":                  {"FROM a\n", "FROM b\n"},
		"no final newline before":   {"FROM a\nRUN b", "FROM a\nRUN b\n"},
		"no final newline after":    {"FROM a\nRUN b\n", "FROM a\nRUN b"},
		"no final newline, neither": {"FROM a\nRUN b", "FROM c\nRUN b"},
		"CRLF":                      {"FROM a\r\nRUN b\r\nRUN c\r\n", "FROM a\r\nRUN b && c\r\n"},
		"one line gets CRLF":        {"FROM a\nRUN b\n", "FROM a\r\nRUN b\n"},
		"lone carriage return":      {"FROM a\rRUN b\n", "FROM a\rRUN c\n"},
		"from nothing":              {"", "FROM a\n"},
		"to nothing":                {"FROM a\n", ""},
		"insert at the top":         {"1\n2\n3\n4\n5\n", "0\n1\n2\n3\n4\n5\n"},
		"append":                    {"1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\n6\n"},
		"two hunks":                 {"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n"},
		"lines that look like diff": {"--- a\n+++ b\n@@ -1 +1 @@\n-x\n", "--- a\n+++ b\n@@ -1 +2 @@\n+x\n"},
		"byte-order mark":           {"\ufeffFROM a\n", "\ufeffFROM b\n"},
	} {
		t.Run(name, func(t *testing.T) { checkOracles(t, "Dockerfile", texts[0], texts[1]) })
	}
}

func TestDiffOfAwkwardPathsApplies(t *testing.T) {
	for _, path := range []string{
		"a folder/Dockerfile", `quote".Dockerfile`, `back\slash.Dockerfile`, "tab\t.Dockerfile",
		"new\nline.Dockerfile", "grün/Dockerfile", "bell\a\x01.Dockerfile", "-rf.Dockerfile", "a/Dockerfile",
	} {
		t.Run(path, func(t *testing.T) { checkOracles(t, path, "FROM a\n", "FROM b\n") })
	}
}

func TestDiffHasMinimalHunks(t *testing.T) {
	const before = "FROM a\n\nRUN x\n\nRUN y\n\nCMD z\n1\n2\n3\n4\n5\n"
	const after = "FROM a\n\nRUN X\n\nRUN Y\n\nCMD z\n1\n2\n3\n4\n5\n"
	const want = `--- a/Dockerfile
+++ b/Dockerfile
@@ -1,8 +1,8 @@
 FROM a
 
-RUN x
+RUN X
 
-RUN y
+RUN Y
 
 CMD z
 1
`
	if diff := cmp.Diff(want, Diff("Dockerfile", before, after)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A long file with changes all over must not become one change, nor take long.
func TestDiffOfLongFileIsMinimalAndFast(t *testing.T) {
	var before, after strings.Builder
	const lines, step = 10_000, 20
	for i := range lines {
		line := fmt.Sprintf("RUN echo %d\n", i%7)
		before.WriteString(line)
		if i%step == 0 {
			line = fmt.Sprintf("RUN printf %d\n", i)
		}
		after.WriteString(line)
	}
	start := time.Now()
	diff := Diff("Dockerfile", before.String(), after.String())
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	if got, want := strings.Count(diff, "\n-"), lines/step; got > want*11/10 {
		t.Errorf("%d lines removed, want about %d", got, want)
	}
	checkOracles(t, "Dockerfile", before.String(), after.String())
}

// randomEdit changes some lines of a text.
func randomEdit(r *rand.Rand, text string) string {
	var out strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		switch r.IntN(8) {
		case 0:
		case 1:
			out.WriteString("new\n" + line)
		case 2:
			out.WriteString(line + line)
		default:
			out.WriteString(line)
		}
	}
	return out.String()
}

func FuzzDiffApplies(f *testing.F) {
	f.Add("FROM a\nRUN b\n\nCMD c", uint64(1))
	f.Add("a\r\nb\r\n\r\nc\r\n", uint64(2))
	f.Fuzz(func(t *testing.T, before string, seed uint64) {
		if len(before) > 10_000 {
			return
		}
		r := rand.New(rand.NewPCG(seed, seed))
		checkOracles(t, "Dockerfile", before, randomEdit(r, before))
	})
}
