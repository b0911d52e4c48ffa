package shell

import (
	"strings"

	sh "mvdan.cc/sh/v3/syntax"

	"github.com/drydock-dev/drydock/internal/source"
)

// A Word is one word of a command.
type Word struct {
	Raw     string   // as the shell gets it, quotes included
	Value   string   // quotes and escapes removed; expansions stay as written
	Literal bool     // Value is what the command gets: no expansion, no pattern
	Glob    bool     // an unquoted *, ? or [ : the shell matches file names
	Params  []string // the variables that it names, in order
	Span    source.Span

	start, end int // in Script.text
	parts      []part
}

// A part is a literal piece of a word, or a plain reference to a variable.
type part struct {
	text  string // the literal
	param string // the variable's name, "" for a literal
	// fallback is what ${name:-text} and ${name-text} give.
	fallback string
	has      bool
	opaque   bool // anything else that the shell expands
}

// Expand returns the word with its variables replaced. It reports false where
// lookup does not know a variable that has no fallback, or the word holds more
// than plain references: $(...), patterns, arithmetic.
func (w Word) Expand(lookup func(name string) (value string, ok bool)) (string, bool) {
	if w.Literal {
		return w.Value, true
	}
	if w.Glob {
		return "", false
	}
	var b strings.Builder
	for _, p := range w.parts {
		switch {
		case p.opaque:
			return "", false
		case p.param == "":
			b.WriteString(p.text)
		default:
			value, ok := lookup(p.param)
			if !ok || value == "" && p.has {
				value, ok = p.fallback, p.has
			}
			if !ok {
				return "", false
			}
			b.WriteString(value)
		}
	}
	return b.String(), true
}

// After returns what stands behind the first sep of the word: the value of
// --uid=$ID. It reports false if sep is not in the literal text that the word
// begins with. The Span stays that of the whole word.
func (w Word) After(sep string) (Word, bool) {
	rest := w
	if w.Literal {
		_, value, ok := strings.Cut(w.Value, sep)
		rest.Raw, rest.Value = value, value
		return rest, ok
	}
	if len(w.parts) == 0 || w.parts[0].param != "" || w.parts[0].opaque {
		return w, false
	}
	_, head, ok := strings.Cut(w.parts[0].text, sep)
	rest.parts = append([]part{{text: head}}, w.parts[1:]...)
	_, rest.Raw, _ = strings.Cut(w.Raw, sep)
	_, rest.Value, _ = strings.Cut(w.Value, sep)
	return rest, ok
}

// IsFlag reports whether the word begins with a dash and more.
func (w Word) IsFlag() bool { return len(w.Value) > 1 && w.Value[0] == '-' }

// word reads a word of the shell's tree.
func (b *builder) word(n *sh.Word) Word {
	w := b.place(n)
	w.Literal = true
	if isPlain(w.Raw) {
		w.Value = w.Raw
		return w
	}
	b.parts(&w, n.Parts, bare)
	if len(w.parts) == 1 && w.Literal {
		w.Value = w.parts[0].text
		w.parts = nil
		return w
	}
	var value strings.Builder
	for _, p := range w.parts {
		value.WriteString(p.text)
	}
	w.Value = value.String()
	return w
}

// isPlain reports whether a word stands for itself: nothing in it means more to a
// shell.
func isPlain(raw string) bool { return raw != "" && !strings.ContainsAny(raw, "$`'\"\\*?[{~<>(\r\x00") }

// place returns a word that knows its text and where it stands.
func (b *builder) place(n sh.Node) Word {
	start, end := int(n.Pos().Offset()), int(n.End().Offset())
	text := b.script.text
	end = min(end, len(text.Text))
	return Word{Raw: text.Text[start:end], Span: text.Span(start, end), start: start, end: end}
}

// quoting is what parts of a word stand in.
type quoting int

const (
	bare quoting = iota
	doubleQuoted
)

func (b *builder) parts(w *Word, nodes []sh.WordPart, in quoting) {
	for i, n := range nodes {
		switch n := n.(type) {
		case *sh.Lit:
			if in == bare {
				w.Glob = w.Glob || hasPattern(n.Value)
				if i == 0 && strings.HasPrefix(n.Value, "~") || hasBraces(n.Value) {
					b.opaque(w, n)
					continue
				}
			}
			w.Literal = w.Literal && !w.Glob
			w.parts = append(w.parts, part{text: unescape(n.Value, in)})
		case *sh.SglQuoted:
			if n.Dollar {
				b.opaque(w, n)
				continue
			}
			w.parts = append(w.parts, part{text: n.Value})
		case *sh.DblQuoted:
			if len(n.Parts) == 0 {
				w.parts = append(w.parts, part{})
			}
			b.parts(w, n.Parts, doubleQuoted)
		case *sh.ParamExp:
			b.param(w, n)
		default:
			b.opaque(w, n)
		}
	}
}

func (b *builder) opaque(w *Word, n sh.Node) {
	w.Literal = false
	w.parts = append(w.parts, part{text: b.place(n).Raw, opaque: true})
}

func (b *builder) param(w *Word, n *sh.ParamExp) {
	w.Literal = false
	p := part{text: b.place(n).Raw}
	if n.Param != nil {
		p.param = n.Param.Value
		w.Params = append(w.Params, p.param)
	}
	switch plain := n.Param != nil && !n.Length && !n.Excl && n.Index == nil && n.Slice == nil && n.Repl == nil && n.Names == 0; {
	case !plain:
		p.opaque = true
	case n.Exp == nil:
	case (n.Exp.Op == sh.DefaultUnset || n.Exp.Op == sh.DefaultUnsetOrNull) && (n.Exp.Word == nil || isLiteral(n.Exp.Word)):
		p.has = true
		if n.Exp.Word != nil {
			p.fallback = n.Exp.Word.Lit()
		}
	default:
		p.opaque = true
	}
	w.parts = append(w.parts, p)
}

func isLiteral(w *sh.Word) bool { return w.Lit() != "" }

// hasPattern reports whether unquoted text has a character of a file name
// pattern that no backslash escapes.
func hasPattern(text string) bool {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '*', '?':
			return true
		case '[':
			if strings.IndexByte(text[i:], ']') > 0 {
				return true
			}
		}
	}
	return false
}

// hasBraces reports whether bash would expand unquoted braces in text.
func hasBraces(text string) bool {
	open := strings.IndexByte(text, '{')
	return open >= 0 && strings.IndexByte(text[open:], '}') > 0 &&
		(strings.Contains(text[open:], ",") || strings.Contains(text[open:], ".."))
}

func unescape(text string, in quoting) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && (in == bare || strings.IndexByte("$`\"\\\n", text[i+1]) >= 0) {
			i++
			if text[i] == '\n' {
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
