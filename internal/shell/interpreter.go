package shell

import (
	"path"
	"strings"
)

// An Interpreter says what a SHELL instruction, or a script's first line, makes
// of a command. The zero value is Docker's default on Linux, ["/bin/sh", "-c"].
type Interpreter struct {
	Argv      []string // as given
	Opaque    string   // why commands under it cannot be read; "" for POSIX shells and bash
	ErrExit   bool     // started with -e
	PipeFail  bool     // started with -o pipefail
	LoginOrRC bool     // started with -l or -i: start-up files may change the environment
}

// posix are the shells whose language the parser reads, by base name.
var posix = map[string]bool{
	"sh": true, "bash": true, "dash": true, "ash": true, "ksh": true,
}

// Of reads the arguments of a SHELL instruction. Words before the shell, as in
// ["conda", "run", "-n", "env", "/bin/bash", "-c"], are taken to start it.
func Of(argv []string) Interpreter {
	in := Interpreter{Argv: argv}
	for i, word := range argv {
		if posix[path.Base(word)] && path.Ext(word) == "" {
			in.options(argv[i+1:])
			return in
		}
	}
	if len(argv) == 0 {
		return in
	}
	name := argv[0]
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if name == "env" && len(argv) > 1 {
		name = argv[1]
	}
	in.Opaque = "it runs under " + name
	return in
}

func (in *Interpreter) options(args []string) {
	for _, a := range args {
		switch {
		case a == "pipefail":
			in.PipeFail = true
		case a == "errexit":
			in.ErrExit = true
		case a == "--login":
			in.LoginOrRC = true
		case strings.HasPrefix(a, "-") && !strings.HasPrefix(a, "--"):
			in.ErrExit = in.ErrExit || strings.Contains(a, "e")
			in.LoginOrRC = in.LoginOrRC || strings.ContainsAny(a, "li")
		}
	}
}
