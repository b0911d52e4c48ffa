package syntax

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/internal/source"
)

// maxLine is the length of a line, its end included, that BuildKit refuses
// (bufio.MaxScanTokenSize, the buffer of its scanner).
const maxLine = 64 * 1024

// maxNesting bounds ONBUILD ONBUILD ...: BuildKit refuses the second already,
// but its parser recurses.
const maxNesting = 8

// Parse reads a Dockerfile. It never fails; see File.Problems.
func Parse(src *source.File) *File {
	p := &parser{file: &File{File: src, Escape: '\\'}, directives: true}
	p.file.Lines = make([]Line, 0, strings.Count(src.Text, "\n")+1)
	for p.at < len(src.Text) {
		p.next()
	}
	if len(p.file.Instructions) == 0 {
		p.problem(0, "the file has no instructions")
	}
	return p.file
}

type parser struct {
	file       *File
	at         int  // the offset of the line to read next
	directives bool // parser directives are still possible
	seen       [3]bool
}

func (p *parser) problem(offset int, format string, args ...any) {
	p.file.Problems = append(p.file.Problems, Problem{offset, fmt.Sprintf(format, args...)})
}

// line takes the next physical line: its span and its text without line end.
func (p *parser) line(kind LineKind) (source.Span, string) {
	span := source.Span{Start: p.at, End: p.file.AfterLine(p.at)}
	if span.Len() >= maxLine && (span.Len() > maxLine || p.file.Text[span.End-1] != '\n') {
		p.problem(span.Start, "the line is %d bytes long; Docker reads lines below %d", span.Len(), maxLine)
	}
	p.file.Lines = append(p.file.Lines, Line{span, kind})
	p.at = span.End
	return span, strings.TrimRight(p.file.Slice(span), "\r\n")
}

// kind sets the kind of the line taken last.
func (p *parser) kind(kind LineKind) { p.file.Lines[len(p.file.Lines)-1].Kind = kind }

// next reads what stands between two instructions, or an instruction.
func (p *parser) next() {
	span, text := p.line(CodeLine)
	at := span.Start
	if at == 0 && strings.HasPrefix(text, source.BOM) {
		at, text = at+len(source.BOM), text[len(source.BOM):]
	}
	trimmed := strings.TrimLeftFunc(text, unicode.IsSpace)
	at += len(text) - len(trimmed)
	switch {
	case p.directive(span, at, trimmed):
		p.kind(DirectiveLine)
	case trimmed == "":
		p.kind(BlankLine)
	case trimmed[0] == '#':
		p.kind(CommentLine)
	default:
		p.instruction(at, trimmed)
	}
}

var directiveForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$`)
})

// knownDirectives are the parser directives of BuildKit; any other comment ends
// their block.
var knownDirectives = [...]string{"syntax", "check", "escape"}

func (p *parser) directive(line source.Span, at int, text string) bool {
	if !p.directives {
		return false
	}
	p.directives = false
	body, ok := strings.CutPrefix(text, "#")
	if !ok || !strings.Contains(body, "=") {
		return false
	}
	m := directiveForm().FindStringSubmatch(strings.TrimLeftFunc(body, unicode.IsSpace))
	if m == nil {
		return false
	}
	for i, name := range knownDirectives {
		if !strings.EqualFold(m[1], name) {
			continue
		}
		if p.seen[i] {
			p.problem(at, "only one %s parser directive can be used", name)
			return true
		}
		p.seen[i], p.directives = true, true
		p.file.Directives = append(p.file.Directives, Directive{name, m[2], line})
		if name == "escape" {
			if m[2] != `\` && m[2] != "`" {
				p.problem(at, "the escape directive takes \\ or `, not %q", m[2])
				return true
			}
			p.file.Escape = m[2][0]
		}
		return true
	}
	return false
}

// instruction reads an instruction whose first line, taken already, has text
// from offset at on.
func (p *parser) instruction(at int, text string) {
	first := len(p.file.Lines) - 1
	var b joiner
	text, more := p.continued(text)
	b.add(text, at)
	for more && p.at < len(p.file.Text) {
		span, text := p.line(CodeLine)
		switch trimmed := strings.TrimLeftFunc(text, unicode.IsSpace); {
		case trimmed == "":
			p.kind(InnerBlank)
		case trimmed[0] == '#':
			p.kind(InnerComment)
		default:
			text, more = p.continued(text)
			b.add(text, span.Start)
		}
	}
	logical := b.joined(at)
	inst := p.logical(logical, maxNesting)
	inst.FirstLine = first
	p.heredocs(inst, logical)
	p.finish(inst, len(p.file.Lines)-1)
	p.file.Instructions = append(p.file.Instructions, inst)
}

// continued cuts the continuation mark off a line and reports whether there was
// one: the escape character before nothing but blanks, not after another escape
// character.
func (p *parser) continued(text string) (string, bool) {
	trimmed := strings.TrimRight(text, " \t")
	n := len(trimmed) - 1
	if n < 0 || trimmed[n] != p.file.Escape || n > 0 && trimmed[n-1] == p.file.Escape {
		return text, false
	}
	return trimmed[:n], true
}

// finish sets the fields that depend on where the instruction ends.
func (p *parser) finish(inst *Instruction, last int) {
	text := p.file.Text
	inst.LastLine = last
	if inst.Trigger != nil {
		inst.Trigger.FirstLine = inst.FirstLine
		p.finish(inst.Trigger, last)
	}
	end := p.file.Lines[last].End
	inst.Span = source.Span{Start: inst.Keyword.Start, End: max(inst.Keyword.End, trimEOL(text, end))}
	for last > inst.FirstLine && p.file.Lines[last].Kind >= HeredocLine {
		last--
	}
	inst.Command = source.Span{Start: inst.Keyword.Start, End: max(inst.Keyword.End, trimEOL(text, p.file.Lines[last].End))}
}

func trimEOL(text string, end int) int {
	if end > 0 && text[end-1] == '\n' {
		end--
		if end > 0 && text[end-1] == '\r' {
			end--
		}
	}
	return end
}

// logical cuts a logical line into keyword, flags and arguments.
func (p *parser) logical(line Joined, nesting int) *Instruction {
	text := line.Text
	start, end := trimSpace(text, 0, len(text))
	keyEnd := start
	for keyEnd < end && !isBlank(text[keyEnd]) {
		keyEnd++
	}
	inst := &Instruction{
		Name:    strings.ToUpper(text[start:keyEnd]),
		Keyword: line.Span(start, keyEnd),
		file:    p.file,
	}
	args := keyEnd
	for args < end && isBlank(text[args]) {
		args++
	}
	args = p.flags(inst, line, args, end)
	args, end = trimSpace(text, args, end)
	inst.Args = line.Slice(args, end)
	p.arguments(inst, nesting)
	return inst
}

// isBlank reports whether c ends a keyword: [\t\v\f\r ] in BuildKit.
func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' && c != '\n' }

func trimSpace(text string, start, end int) (int, int) {
	trimmed := strings.TrimLeftFunc(text[start:end], unicode.IsSpace)
	start = end - len(trimmed)
	return start, start + len(strings.TrimRightFunc(trimmed, unicode.IsSpace))
}

// flags reads the words that start with -- from offset at on and returns where
// the arguments begin. It reads bytes, not runes, as BuildKit does.
func (p *parser) flags(inst *Instruction, line Joined, at, end int) int {
	text := line.Text
	for at < end {
		if unicode.IsSpace(rune(text[at])) {
			at++
			continue
		}
		if !strings.HasPrefix(text[at:end], "--") {
			return at
		}
		word := p.flagWord(text[:end], at)
		if word.value == "--" && word.end < end {
			return word.end
		}
		if word.value != "--" && word.value != "" {
			inst.Flags = append(inst.Flags, newFlag(line, at, word))
		}
		at = word.end
	}
	return end
}

type flagWord struct {
	value string // quotes and escapes removed
	end   int
}

func (p *parser) flagWord(text string, at int) flagWord {
	var value []byte
	quote := byte(0)
	for ; at < len(text); at++ {
		c := text[at]
		switch {
		case quote == 0 && unicode.IsSpace(rune(c)):
			return flagWord{string(value), at}
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
			continue
		case quote != 0 && c == quote:
			quote = 0
			continue
		case c == p.file.Escape:
			if at+1 == len(text) {
				continue
			}
			at++
			c = text[at]
		}
		value = utf8.AppendRune(value, rune(c))
	}
	return flagWord{string(value), len(text)}
}

func newFlag(line Joined, at int, word flagWord) Flag {
	raw := line.Text[at:word.end]
	name, value, has := strings.Cut(strings.TrimPrefix(word.value, "--"), "=")
	f := Flag{Name: name, Value: value, HasValue: has, Span: line.Span(at, word.end)}
	f.ValueSpan = source.Span{Start: f.Span.End, End: f.Span.End}
	if i := strings.IndexByte(raw, '='); has && i >= 0 {
		f.ValueSpan = line.Span(at+i+1, word.end)
	}
	return f
}

// heredocs takes the bodies of the heredocs that the logical line announces.
func (p *parser) heredocs(inst *Instruction, line Joined) {
	holder := inst
	if inst.Trigger != nil {
		holder = inst.Trigger
	}
	if holder.JSON || !strings.Contains(line.Text, "<<") {
		return
	}
	switch holder.Name {
	case "ADD", "COPY", "RUN":
	default:
		return
	}
	for _, h := range heredocMarks(line.Text) {
		if !p.heredocBody(&h) {
			p.problem(inst.Keyword.Start, "unterminated heredoc %s", h.Name)
		}
		holder.Heredocs = append(holder.Heredocs, h)
	}
}

func (p *parser) heredocBody(h *Heredoc) bool {
	h.Body = source.Span{Start: p.at, End: p.at}
	for p.at < len(p.file.Text) {
		span, text := p.line(HeredocLine)
		if h.Chomp {
			text = strings.TrimLeft(text, "\t")
		}
		if text == h.Name {
			p.kind(HeredocEnd)
			h.Terminator = source.Span{Start: span.Start, End: max(span.Start, trimEOL(p.file.Text, span.End))}
			return true
		}
		h.Body.End = span.End
	}
	h.Terminator = source.Span{Start: p.at, End: p.at}
	return false
}
