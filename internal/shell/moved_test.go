package shell_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// FuzzMovedTo: a script that has moved is the one that reading it anew gives.
func FuzzMovedTo(f *testing.F) {
	for _, body := range []string{
		"apt-get update && X= apt-get install -y \\\n    # why\n    curl | tee $(mktemp `x`) >a 2>&1",
		"<<EOF\n  a\n  b c\nEOF\n",
		"cat <<EOF >/y && d | e | (f; g) | h\nz\nEOF",
		"if a; then b | c; fi && f() { x; } && export A=$B C=(1 2) ; [[ -f x ]]; ! y &",
		"[\"a\", \"b\"]",
		"f() { a; } | b | c (",
		"x\n",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		here := lastInstruction("FROM a\nRUN " + body)
		there := lastInstruction("FROM a\nENV moved=further\nRUN " + body)
		if here == nil || there == nil || here.Text() != there.Text() {
			return
		}
		moved, anew := shell.Parse(here, shell.Interpreter{}).MovedTo(there), shell.Parse(there, shell.Interpreter{})
		if !reflect.DeepEqual(moved, anew) {
			t.Errorf("%q: moved\n%+v\nanew\n%+v", body, moved, anew)
		}
	})
}

// lastInstruction is the last instruction of a text, nil if it is no RUN.
func lastInstruction(text string) *syntax.Instruction {
	all := syntax.Parse(source.New("Dockerfile", text)).Instructions
	if inst := all[len(all)-1]; strings.HasPrefix(inst.Name, "RUN") {
		return inst
	}
	return nil
}
