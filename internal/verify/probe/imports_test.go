package probe

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A module that is a command too takes the names of the modules for its arguments, if
// it sees them.
func TestModulesSeeNoArguments(t *testing.T) {
	for language, c := range map[string]struct{ file, text, env string }{
		"python": {"tool.py", "import sys\nassert len(sys.argv) == 1, sys.argv\n", "PYTHONPATH"},
		"node":   {"node_modules/tool/index.js", "if (process.argv.length > 1) throw new Error(process.argv.join(' '));\n", "NODE_PATH"},
		"ruby":   {"tool.rb", "raise ARGV.join(' ') unless ARGV.empty?\n", "RUBYLIB"},
	} {
		t.Run(language, func(t *testing.T) {
			l := languageNamed(t, language)
			program, err := exec.LookPath(l.programs[0])
			if err != nil {
				t.Skipf("there is no %s", l.programs[0])
			}
			dir := t.TempDir()
			name := filepath.Join(dir, filepath.FromSlash(c.file))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(program, l.command(program, []string{"tool"})[1:]...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), c.env+"="+dir)
			out, err := cmd.CombinedOutput()
			if err != nil || strings.ReplaceAll(strings.TrimSpace(string(out)), " ", "") != `{"tool":""}` {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func languageNamed(t *testing.T, name string) language {
	t.Helper()
	for _, l := range languages {
		if l.name == name {
			return l
		}
	}
	t.Fatalf("nothing is known of %s", name)
	return language{}
}
