package shell

import (
	"reflect"
	"testing"

	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// checkPlain holds what is read without the shell's parser to what that gives.
func checkPlain(t *testing.T, command string) (plain bool) {
	t.Helper()
	file := syntax.Parse(source.New("Dockerfile", "FROM a\nRUN "+command+"\n"))
	if len(file.Instructions) < 2 {
		return false
	}
	inst := file.Instructions[1]
	text, ok := inst.ShellText()
	if !ok || inst.JSON {
		return false
	}
	got, want := builder{script: &Script{Inst: inst, text: text}}, builder{script: &Script{Inst: inst, text: text}}
	if !got.plain() {
		return false
	}
	if err := want.parse(&parsers); err != nil {
		t.Fatalf("%q is plain; the parser: %v", command, err)
	}
	if !reflect.DeepEqual(got.script, want.script) {
		t.Fatalf("%q:\n got %+v\nwant %+v", command, got.script, want.script)
	}
	return true
}

// plainScripts are scripts, and whether they are read without the shell's parser.
var plainScripts = map[string]bool{
	"true": true,
	"apt-get update && apt-get install -y \\\n  # the client\n  curl=7.* g++ && rm -rf /var/lib/apt/lists/*": true,
	"a&&b \t&&  c":      true,
	"env A=b c:d@e,f%g": true,
	"* -- = +":          true,
	"set -ex && a":      true,

	"A=b c":         false,
	"a & b":         false,
	"a &&& b":       false,
	"a && && b":     false,
	"&& a":          false,
	"if && fi":      false,
	"time a":        false,
	"export A=b":    false,
	"a | b":         false,
	"a ; b":         false,
	"a $B":          false,
	"a ~/b":         false,
	"a 'b'":         false,
	"a >b":          false,
	"a # b":         false,
	"a {b,c}":       false,
	"a b[12]":       false,
	"a é":           false,
	"! a":           false,
	"<<E a\nb\nE":   false,
	"a @(b) +(c)":   false,
	"a() { b; }":    false,
	"a \\\\\n  b":   false,
	"a b?":          false,
	"function a b":  false,
	"case a in b c": false,
}

func TestPlain(t *testing.T) {
	for script, want := range plainScripts {
		if got := checkPlain(t, script); got != want {
			t.Errorf("%q: plain is %v, want %v", script, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	for script := range plainScripts {
		f.Add(script)
	}
	f.Fuzz(func(t *testing.T, script string) { checkPlain(t, script) })
}
