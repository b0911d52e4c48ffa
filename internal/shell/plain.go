package shell

import "strings"

// plain reads a script of simple commands with && between them, whose words stand for
// themselves or hold a *, and reports whether it is one. Three in five are; the shell's
// parser and its tree cost several times as much, and give the same: a fuzz test
// holds that.
func (b *builder) plain() bool {
	text := b.script.text.Text
	if !isPlainScript(text) {
		return false
	}
	at := 0
	for command := range strings.SplitSeq(text, "&&") {
		b.plainCommand(at, at+len(command))
		at += len(command) + len("&&")
	}
	return true
}

// keywords are the words that are no program's name at the head of a command, and the
// builtins that the shell's parser reads by themselves.
var keywords = map[string]bool{
	"if": true, "then": true, "elif": true, "else": true, "fi": true, "for": true, "select": true, "while": true, "until": true, "in": true,
	"do": true, "done": true, "case": true, "esac": true, "function": true, "coproc": true, "time": true,
	"declare": true, "export": true, "let": true, "local": true, "nameref": true, "readonly": true, "typeset": true,
}

func isPlainScript(text string) bool {
	for i := range len(text) {
		if c := text[i]; !isWordByte(c) && c != ' ' && c != '\t' && c != '&' {
			return false
		}
	}
	for command := range strings.SplitSeq(text, "&&") {
		start, end := nextWord(command, 0)
		name := command[start:end]
		if name == "" || keywords[name] || strings.Contains(name, "=") || strings.Contains(command, "&") {
			return false
		}
	}
	return true
}

// isWordByte reports whether a byte means nothing to a shell within a word, or is *.
func isWordByte(c byte) bool {
	switch c {
	case '/', '.', '_', '-', ':', '=', '+', '@', '%', ',', '*':
		return true
	}
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// nextWord is where the next word of a text stands, from at on; empty at its end.
func nextWord(text string, at int) (start, end int) {
	for at < len(text) && !isWordByte(text[at]) {
		at++
	}
	start = at
	for at < len(text) && isWordByte(text[at]) {
		at++
	}
	return start, at
}

// plainCommand adds the command between two offsets of the script.
func (b *builder) plainCommand(from, to int) {
	s := b.script
	text := s.text.Text[:to]
	n := 0
	for start, end := nextWord(text, from); start < end; start, end = nextWord(text, end) {
		n++
	}
	words := make([]Word, 0, n)
	for start, end := nextWord(text, from); start < end; start, end = nextWord(text, end) {
		raw := text[start:end]
		w := Word{Raw: raw, Value: raw, Literal: true, Span: s.text.Span(start, end), start: start, end: end}
		if strings.Contains(raw, "*") {
			w.Literal, w.Glob, w.parts = false, true, []part{{text: raw}}
		}
		words = append(words, w)
	}
	start, end := words[0].start, words[n-1].end
	step := &Step{Op: And, Span: s.text.Span(start, end), simple: true, start: start, end: end}
	if len(s.Steps) == 0 {
		step.Op = First
	}
	c := &Command{Script: s, Step: step, Words: words, Span: step.Span, start: start, end: end}
	step.Commands = []*Command{c}
	s.Steps = append(s.Steps, step)
	s.Commands = append(s.Commands, c)
}
