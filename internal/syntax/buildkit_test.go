package syntax_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/moby/buildkit/frontend/dockerfile/command"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// seen is what BuildKit's parser and ours have in common of an instruction.
type seen struct {
	Name      string
	Flags     []string
	Args      []string
	JSON      bool
	Heredocs  []string
	FirstLine int
	LastLine  int
	Trigger   *seen
}

func buildkitView(n *parser.Node) *seen {
	v := &seen{Name: strings.ToUpper(n.Value), Flags: n.Flags, JSON: n.Attributes["json"], FirstLine: n.StartLine, LastLine: n.EndLine}
	for _, h := range n.Heredocs {
		v.Heredocs = append(v.Heredocs, heredocView(h.Name, int(h.FileDescriptor), h.Chomp, h.Expand, h.Content))
	}
	if _, known := command.Commands[strings.ToLower(n.Value)]; !known {
		return v // BuildKit's parser drops the arguments
	}
	for a := n.Next; a != nil; a = a.Next {
		if v.Name == "HEALTHCHECK" && len(v.Args) > 0 && !strings.EqualFold(v.Args[0], "CMD") {
			return v // what follows NONE or an unknown type is not looked at
		}
		if len(a.Children) > 0 {
			v.Trigger = buildkitView(a.Children[0])
			v.Trigger.Heredocs, v.Heredocs = v.Heredocs, nil
			v.Trigger.FirstLine, v.Trigger.LastLine = v.FirstLine, v.LastLine
			continue
		}
		v.Args = append(v.Args, a.Value)
	}
	return v
}

func heredocView(name string, fd int, chomp, expand bool, content string) string {
	return fmt.Sprintf("%d<<%s chomp=%v expand=%v %q", fd, name, chomp, expand, content)
}

func ourView(f *syntax.File, inst *syntax.Instruction) *seen {
	v := &seen{Name: inst.Name, JSON: inst.JSON, FirstLine: f.Position(inst.FullLines().Start).Line, LastLine: inst.LastLine + 1}
	for _, fl := range inst.Flags {
		text := "--" + fl.Name
		if fl.HasValue {
			text += "=" + fl.Value
		}
		v.Flags = append(v.Flags, text)
	}
	for _, h := range inst.Heredocs {
		v.Heredocs = append(v.Heredocs, heredocView(h.Name, h.FD, h.Chomp, h.Expand, f.Slice(h.Body)))
	}
	switch inst.Name {
	case "ENV", "LABEL":
		for _, p := range inst.Pairs() {
			sep := "="
			if p.Span == inst.Args.Span(0, len(inst.Args.Text)) && !strings.HasPrefix(inst.Args.Text, p.Name+"=") {
				sep = ""
			}
			v.Args = append(v.Args, p.Name, p.Value, sep)
		}
	case "HEALTHCHECK":
		kind, _, _ := strings.Cut(strings.Join(strings.Fields(inst.Args.Text), " "), " ")
		if kind != "" {
			v.Args = append(v.Args, kind)
		}
		if !strings.EqualFold(kind, "CMD") {
			break
		}
		if text, ok := inst.ShellText(); ok && text.Text != "" {
			v.Args = append(v.Args, text.Text)
		} else if inst.JSON {
			for _, w := range inst.Words() {
				v.Args = append(v.Args, w.Text)
			}
		}
	case "ONBUILD":
		if inst.Trigger != nil {
			v.Trigger = ourView(f, inst.Trigger)
		}
	default:
		if !inst.Known() {
			break
		}
		for _, w := range inst.Words() {
			v.Args = append(v.Args, w.Text)
		}
	}
	return v
}

// differs says how our reading of text differs from BuildKit's, or "".
func differs(text string) string {
	f := syntax.Parse(source.New("Dockerfile", text))
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		// Every file that BuildKit's parser refuses has a problem.
		if len(f.Problems) == 0 {
			return fmt.Sprintf("BuildKit refuses the file, we do not: %v", err)
		}
		return ""
	}
	var want, got []*seen
	for _, n := range result.AST.Children {
		want = append(want, buildkitView(n))
	}
	for _, inst := range f.Instructions {
		got = append(got, ourView(f, inst))
	}
	return cmp.Diff(want, got, cmpopts.EquateEmpty())
}

func joinLines(f *syntax.File) string {
	var b strings.Builder
	for _, l := range f.Lines {
		b.WriteString(f.Slice(l.Span))
	}
	return b.String()
}

// seeds are the corners of the format, each also a case of TestAgreesWithBuildKit.
var seeds = []string{
	"FROM a\n",
	"\ufeffFROM a\r\nRUN x \\\r\n  y\r\n",
	"# escape=`\nFROM a\nRUN x `\n  y\nCOPY a\\ b\\\n",
	"# syntax=docker/dockerfile:1\n# check=skip=all\n#escape = \\\nFROM a",
	"FROM a\nRUN a && \\\n# comment\n\n  b \\\n  # last\n  c\n",
	"FROM a\nRUN a \\",
	"FROM a\nRUN a \\\\\nCMD x\n",
	"\\\nFROM a\n",
	"FROM a\nRUN <<EOF cat <<-'X'\na\nEOF\n\tb\n\tX\nCMD x\n",
	"FROM a\nONBUILD RUN <<EOF\na\nEOF\n",
	"FROM a\nCOPY <<\"a b\" <<c /d/\n1\na b\n2\nc\n",
	"FROM a\nRUN echo $((1<<2)) ${x:-<<y} \"<<z\" \\<<q\n",
	"FROM a\nENV a b c\nENV a=1 b=\"x y\" c='z'\\ z d=\\\nLABEL \"a b\"=c\n",
	"FROM a\nENV a=b\\",
	"FROM a\nRUN --mount=type=cache,target=/x --network=\"none\" --x=\\\"y -- --z a\n",
	"FROM a\nCOPY --from=b --chown=1:1 [\"a b\", \"\\u0063\", \"d\\\"\"]\n",
	"FROM a\nCMD [\"a\", 'b']\nCMD [ ]\nENTRYPOINT []\n",
	"FROM a\nHEALTHCHECK --interval=5s CMD [\"a\"]\nHEALTHCHECK CMD a b\nHEALTHCHECK none\n",
	"FROM a\nARG a b=1 c=\"d e\"\nUSER x # y\n",
	"from a\nrun\tx\vy\n",
	"FROM a\nRUN x\\\n\n\n  # c\n\\\n  y\n",
	"FROM a\nRUN a\x00b \xff\xfe\n",
	"FROM a\nRUN cat <<EOF >/x && cat <<'E' | sh\n$x\nEOF\ny\nE\n",
}

func TestAgreesWithBuildKit(t *testing.T) {
	for _, text := range seeds {
		if d := differs(text); d != "" {
			t.Errorf("%q: BuildKit (-), drydock (+):\n%s", text, d)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := syntax.Parse(source.New("Dockerfile", text))
		if got := joinLines(file); got != text {
			t.Fatalf("the lines give %q, the file is %q", got, text)
		}
		for _, inst := range file.Instructions {
			for _, w := range inst.Words() {
				if w.Span.Start < inst.Span.Start || w.Span.End > inst.Span.End || w.Span.Len() < 0 {
					t.Errorf("word %q at %v lies outside its instruction %v", w.Text, w.Span, inst.Span)
				}
			}
		}
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00") {
			return // BuildKit's reading of broken text goes through U+FFFD; no fixer touches it
		}
		if strings.Contains(text, "<<") && strings.Contains(text, "${") {
			return // the seeds hold heredocs beside substitutions; quotes inside a substitution are not followed
		}
		if d := differs(text); d != "" {
			t.Fatalf("BuildKit (-), drydock (+):\n%s", d)
		}
	})
}
