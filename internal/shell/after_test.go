package shell

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

func TestWordAfter(t *testing.T) {
	for _, c := range []struct{ word, sep, want string }{
		{"--uid=1000", "=", "1000"},
		{"--uid=$ID", "=", "42"},
		{`--uid="$ID"`, "=", "42"},
		{"-u${ID}", "-u", "42"},
		{"-u$ID$ID", "-u", "4242"},
	} {
		file := syntax.Parse(source.New("", "RUN x "+c.word+"\n"))
		w := Parse(file.Instructions[0], Interpreter{}).Commands[0].Words[1]
		rest, ok := w.After(c.sep)
		got, known := rest.Expand(func(string) (string, bool) { return "42", true })
		if !ok || !known || got != c.want {
			t.Errorf("%s after %s is %q (%v, %v), want %q", c.word, c.sep, got, ok, known, c.want)
		}
	}
}
