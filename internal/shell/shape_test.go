package shell_test

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

func TestShape(t *testing.T) {
	for text, want := range map[string]string{
		"if a; then b && rm c; fi":    "if§; then§; fi",
		"if a;   then b; rm c; fi":    "if§; then§; fi",
		"a $(b c) | d >e":             "§|§",
		"( cd x && make )":            "(§&&§)",
		"for i in 1 2; do x $i; done": "for i in 1 2; do§; done",
	} {
		file := syntax.Parse(source.New("Dockerfile", "FROM a\nRUN "+text+"\n"))
		s := shell.Parse(file.Instructions[1], shell.Interpreter{})
		if got := s.Shape(s.Steps[0], func(c *shell.Command) bool { return c.Name() == "rm" }); got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
}
