package shell_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// parse reads the last instruction of a Dockerfile.
func parse(t *testing.T, text string, in shell.Interpreter) *shell.Script {
	t.Helper()
	f := syntax.Parse(source.New("Dockerfile", text))
	if len(f.Problems) > 0 {
		t.Fatalf("%q: %v", text, f.Problems)
	}
	return shell.Parse(f.Instructions[len(f.Instructions)-1], in)
}

var ops = map[shell.Op]string{shell.And: "&& ", shell.Or: "|| ", shell.Seq: "; "}

// dump shows a script, a line a step: its operator, then its commands with their
// words between bars. ? marks a word that is not literal, * a pattern, and the
// marks before a command say that it is conditional (c), in a subshell (s) or
// reads a pipe (p).
func dump(s *shell.Script) string {
	if s.Opaque != "" {
		return "opaque: " + s.Opaque + "\n"
	}
	var b strings.Builder
	for _, step := range s.Steps {
		b.WriteString(ops[step.Op])
		if step.Negated {
			b.WriteString("! ")
		}
		for i, c := range step.Commands {
			if i > 0 {
				b.WriteString("  ")
			}
			b.WriteString(dumpCommand(c))
		}
		if step.Background {
			b.WriteString(" &")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func dumpCommand(c *shell.Command) string {
	var parts []string
	marks := ""
	if c.Conditional {
		marks += "c"
	}
	if c.Subshell {
		marks += "s"
	}
	if c.Piped != nil {
		marks += "p"
	}
	if marks != "" {
		parts = append(parts, marks+":")
	}
	for _, a := range c.Assigns {
		parts = append(parts, a.Name+"="+a.Value.Value)
	}
	for _, w := range c.Words {
		text := w.Value
		switch {
		case w.Glob:
			text += "*"
		case !w.Literal:
			text += "?"
		}
		parts = append(parts, text)
	}
	for _, r := range c.Redirects {
		parts = append(parts, r.Op+" "+r.Target.Value)
	}
	return strings.Join(parts, "|")
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"one command", "RUN a b", "a|b\n"},
		{"a list", "RUN a && b; c || d", "a\n&& b\n; c\n|| c:|d\n"},
		{
			"a comment inside a continuation is no command",
			"RUN a \\\n  # the next one\n  b \\\n\n  && c\n",
			"a|b\n&& c\n",
		},
		{"quotes", `RUN a 'b c' "d e" f\ g ""`, "a|b c|d e|f g|\n"},
		{"variables", `RUN A=1 a $b "${c}x" ${d:-e}`, "A=1|a|$b?|${c}x?|${d:-e}?\n"},
		{"patterns", `RUN rm /a/* '/b/*' /c\*`, "rm|/a/**|/b/*|/c*\n"},
		{"a pipeline is one step", "RUN curl x | sh -s && y", "curl|x  p:|sh|-s\n&& y\n"},
		{"redirects", "RUN a > /b 2>&1 < c", "a|> /b|>& 1|< c\n"},
		{
			"conditions", "RUN if [ -f x ]; then a; else b; fi; for i in 1 2; do c; done",
			"[|-f|x|]  c:|a  c:|b\n; c:|c\n",
		},
		{"subshells", "RUN (cd x && make) && y $(z w)", "s:|cd|x  s:|make\n&& y|$(z w)?  s:|z|w\n"},
		{"a function ends at its brace", "RUN f() { a; } && f && b", "c:|a\n&& f\n&& b\n"},
		{"background and negation", "RUN a & ! b", "a &\n; ! b\n"},
		{"export", "RUN export A=b C && d", "A=b|C=|export\n&& d\n"},
		{"exec form", `RUN ["a", "b c"]`, "a|b c\n"},
		{"a heredoc is a script", "RUN <<EOF\na\n# comment\nb && \\\n  c\nEOF\n", "a\n; b\n&& c\n"},
		{"a heredoc with a shell's first line", "RUN <<EOF\n#!/bin/bash -e\na\nEOF\n", "a\n"},
		{"a heredoc for a command", "RUN cat <<EOF > /x && b\n$a\nEOF\n", "cat|<< EOF|> /x\n&& b\n"},
		{"a program in another language", "RUN <<EOF\n#!/usr/bin/env python3\nx\nEOF\n", "opaque: it runs under python3\n"},
		{"two subshells", "RUN a && ((b x | c || true)) && ((d); e)", "a\n&& s:|b|x  sp:|c  cs:|true\n&& s:|d  s:|e\n"},
		{"two subshells, with a word of bash's", "RUN ((b x)) &> f", "opaque: the shell cannot parse it: not a valid arithmetic operator: `x`\n"},
		{"arithmetic", "RUN ((i++)) && b", "\n&& b\n"},
		{"broken", "RUN a && && b", "opaque: the shell cannot parse it: `&&` must be followed by a statement\n"},
		{"backtick as escape", "# escape=`\nFROM x\nRUN a `\n  b", "a|b\n"},
		{"CMD", "CMD a && b", "a\n&& b\n"},
		{"HEALTHCHECK", "HEALTHCHECK --interval=5s CMD curl -f x || exit 1", "curl|-f|x\n|| c:|exit|1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parse(t, c.text, shell.Interpreter{})
			if got := dump(s); got != c.want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.text, got, c.want)
			}
			for _, cmd := range s.Commands {
				for _, w := range cmd.Words {
					if raw := s.Inst.File().Slice(w.Span); s.Form != shell.Exec && raw != w.Raw {
						t.Errorf("word %q stands over %q in the file", w.Raw, raw)
					}
				}
			}
		})
	}
}

func TestOf(t *testing.T) {
	for text, want := range map[string]string{
		"/bin/sh -c": "", "/bin/bash -o pipefail -c": "", "conda run -n x /bin/bash -c": "",
		"powershell -Command": "it runs under powershell", `C:\Windows\cmd /S /C`: "it runs under cmd",
		"/usr/bin/env python3": "it runs under python3", "": "",
	} {
		if got := shell.Of(strings.Fields(text)).Opaque; got != want {
			t.Errorf("Of(%s).Opaque = %q, want %q", text, got, want)
		}
	}
	in := shell.Of([]string{"/bin/bash", "-eo", "pipefail", "-c"})
	if !in.ErrExit || !in.PipeFail || in.LoginOrRC {
		t.Errorf("options of bash -eo pipefail -c: %+v", in)
	}
}

func TestExpand(t *testing.T) {
	env := map[string]string{"A": "1", "E": ""}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	for word, want := range map[string]string{
		"x": "x", "$A": "1", "${A}y": "1y", `"$A"-'$A'`: "1-$A", "${B:-d}": "d", "${A:-d}": "1", "${E:-d}": "d",
		"$B": "unknown", "$(x)": "unknown", "${A%1}": "unknown", "$A*": "unknown", "{a,b}": "unknown", "~/x": "unknown",
	} {
		s := parse(t, "RUN c "+word, shell.Interpreter{})
		got, ok := s.Steps[0].Commands[0].Words[1].Expand(lookup)
		if !ok {
			got = "unknown"
		}
		if got != want {
			t.Errorf("%s expands to %q, want %q", word, got, want)
		}
	}
}

func TestProgram(t *testing.T) {
	for text, want := range map[string]string{
		"apt-get install x":                  "apt-get [install x]",
		"sudo -E -u root apt-get install":    "apt-get [install]",
		"env -u A B=c D=e /usr/bin/make all": "make [all]",
		"DEBIAN_FRONTEND=x apt-get update":   "apt-get [update]",
		"timeout -k 5 10 curl x":             "curl [x]",
		"exec nginx":                         "nginx []",
		"sudo":                               " []",
		"$CMD x":                             " []",
		"gosu app python x":                  "python [x]",
		"time nice -n 5 make":                "make []",
		"su -c 'apt-get update'":             "su [-c apt-get update]",
	} {
		s := parse(t, "RUN "+text, shell.Interpreter{})
		name, args := s.Steps[0].Commands[0].Runs()
		var values []string
		for _, a := range args {
			values = append(values, a.Value)
		}
		if got := fmt.Sprint(name, " ", values); got != want {
			t.Errorf("%s runs %s, want %s", text, got, want)
		}
	}
}
