package fixers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// TestFaults holds the rewritten examples with drivers to what their hand-written
// forms get wrong, as BuildKit reads them.
func TestFaults(t *testing.T) {
	for name, tree := range map[string]string{
		"python-odbc": "/opt/venv", "python-odbc-two-stage": "/opt/venv",
		"ruby-odbc": "/usr/local/bundle", "ruby-odbc-two-stage": "/usr/local/bundle",
		"python-odbc-floating": "/opt/venv", "python-odbc-two-stage-floating": "/opt/venv",
		"ruby-odbc-floating": "/usr/local/bundle", "ruby-odbc-two-stage-floating": "/usr/local/bundle",
	} {
		t.Run(name, func(t *testing.T) {
			stages := parsed(t, rewritten(t, name, read(t, name, "Dockerfile")).Text)
			if len(stages) != 2 {
				t.Fatalf("%d stages, want 2", len(stages))
			}
			build, last := stages[0], stages[1]
			for _, s := range stages {
				if runsWith(s, "apt-key") != nil {
					t.Error("apt-key is still run")
				}
			}
			checkTools(t, build)
			checkRuntime(t, last, tree)
			if strings.HasSuffix(name, "-floating") {
				checkTrixie(t, last)
			}
			if last.Commands == nil || !runsAsNumber(last) {
				t.Error("the image runs as root")
			}
		})
	}
}

func checkTools(t *testing.T, build instructions.Stage) {
	t.Helper()
	if !strings.Contains(build.BaseName, "-slim") {
		return // the full image has unzip and gnupg: buildpack-deps
	}
	for program, pkg := range map[string]string{"unzip": "unzip", "gpg": "gnupg"} {
		install, use := slices.Index(steps(build), pkg), slices.Index(steps(build), program)
		if use >= 0 && (install < 0 || install > use) {
			t.Errorf("%s is run before %s is installed", program, pkg)
		}
	}
}

func checkRuntime(t *testing.T, last instructions.Stage, tree string) {
	t.Helper()
	for _, want := range []string{tree, "/opt/oracle", "/usr/share/keyrings/microsoft-prod.gpg", "/etc/apt/sources.list.d/mssql-release.list"} {
		if !copies(last, want) {
			t.Errorf("%s is not copied", want)
		}
	}
	for _, c := range last.Commands {
		if c, ok := c.(*instructions.CopyCommand); ok && strings.Contains(strings.Join(c.SourcePaths, " "), "libmsodbcsql") {
			t.Errorf("the driver's library is copied: %s", c)
		}
	}
	driver := runsWith(last, "msodbcsql17")
	if driver == nil || !slices.Contains(driver, "ACCEPT_EULA=Y") {
		t.Errorf("the driver is not installed under its licence: %q", driver)
	}
	if runsWith(last, "ldconfig") == nil || runsWith(last, "libaio1") == nil || runsWith(last, "unixodbc") == nil {
		t.Error("what the drivers load is not set up")
	}
	for _, c := range last.Commands {
		words := wordsOf(c)
		if slices.Contains(words, "install") && !strings.Contains(strings.Join(words, " "), "rm -rf /var/lib/apt/lists/*") {
			t.Errorf("lists are left behind: %q", words)
		}
	}
}

// checkTrixie: the floating tags stand on trixie, whose libaio has another name.
func checkTrixie(t *testing.T, last instructions.Stage) {
	t.Helper()
	if link := runsWith(last, "libaio.so.1t64"); !slices.Contains(link, "/usr/lib/x86_64-linux-gnu/libaio.so.1") {
		t.Errorf("the link that Oracle's client loads is not made: %q", link)
	}
}

func runsAsNumber(s instructions.Stage) bool {
	return slices.ContainsFunc(s.Commands, func(c instructions.Command) bool {
		user, ok := c.(*instructions.UserCommand)
		return ok && strings.Trim(user.User, "0123456789:") == ""
	})
}

func parsed(t *testing.T, text string) []instructions.Stage {
	t.Helper()
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	stages, _, err := instructions.Parse(result.AST, linter.New(&linter.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	return stages
}

// wordsOf are the words of a RUN, nil for other instructions.
func wordsOf(c instructions.Command) []string {
	run, ok := c.(*instructions.RunCommand)
	if !ok {
		return nil
	}
	return strings.Fields(strings.Join(run.CmdLine, " "))
}

// steps are the words of all RUNs of a stage, in order.
func steps(s instructions.Stage) []string {
	var all []string
	for _, c := range s.Commands {
		all = append(all, wordsOf(c)...)
	}
	return all
}

// runsWith are the words of the first RUN that has a word, nil if none has.
func runsWith(s instructions.Stage, word string) []string {
	for _, c := range s.Commands {
		if words := wordsOf(c); slices.Contains(words, word) {
			return words
		}
	}
	return nil
}

func copies(s instructions.Stage, source string) bool {
	return slices.ContainsFunc(s.Commands, func(c instructions.Command) bool {
		cp, ok := c.(*instructions.CopyCommand)
		return ok && cp.From != "" && slices.Contains(cp.SourcePaths, source)
	})
}
