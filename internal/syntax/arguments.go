package syntax

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/internal/source"
)

// argumentForm says how an instruction's arguments are read.
type argumentForm uint8

const (
	unknownForm  argumentForm = iota
	textForm                  // one string
	listForm                  // words between white space
	listOrJSON                // words, or a JSON array
	shellOrJSON               // a shell command, or a JSON array
	pairsForm                 // name=value ..., or name value
	optionalPair              // name[=value] ...
	healthForm                // NONE, or CMD and a shellOrJSON
	triggerForm               // another instruction
)

// forms has every instruction that BuildKit knows
// (frontend/dockerfile/command and the parser's dispatch table).
var forms = map[string]argumentForm{
	"ADD":         listOrJSON,
	"ARG":         optionalPair,
	"CMD":         shellOrJSON,
	"COPY":        listOrJSON,
	"ENTRYPOINT":  shellOrJSON,
	"ENV":         pairsForm,
	"EXPOSE":      listForm,
	"FROM":        listForm,
	"HEALTHCHECK": healthForm,
	"LABEL":       pairsForm,
	"MAINTAINER":  textForm,
	"ONBUILD":     triggerForm,
	"RUN":         shellOrJSON,
	"SHELL":       shellOrJSON,
	"STOPSIGNAL":  textForm,
	"USER":        textForm,
	"VOLUME":      listOrJSON,
	"WORKDIR":     textForm,
}

// Known reports whether Docker knows the instruction.
func (inst *Instruction) Known() bool { return forms[inst.Name] != unknownForm }

// arguments reads what depends on the instruction's form, and its problems.
func (p *parser) arguments(inst *Instruction, nesting int) {
	form := forms[inst.Name]
	at := inst.Keyword.Start
	switch form {
	case unknownForm:
		p.problem(at, "unknown instruction: %s", inst.Name)
	case listOrJSON, shellOrJSON:
		inst.JSON = p.jsonArray(inst, inst.Args.Text)
	case healthForm:
		_, command := inst.healthCommand()
		inst.JSON = p.jsonArray(inst, command.Text)
	case pairsForm:
		words := p.file.quotedWords(inst.Args)
		if len(words) == 0 || strings.Contains(words[0].Text, "=") {
			for _, w := range words {
				if !strings.Contains(w.Text, "=") {
					p.problem(at, "%s: can't find = in %q; it must be of the form name=value", inst.Name, w.Text)
				}
			}
		} else if name, _ := cutBlank(inst.Args.Text); name == inst.Args.Text {
			p.problem(at, "%s must have two arguments", inst.Name)
		}
	case triggerForm:
		if inst.Args.Text == "" {
			break
		}
		if nesting == 0 {
			p.problem(at, "ONBUILD is nested too deeply")
			break
		}
		inst.Trigger = p.logical(inst.Args, nesting-1)
		inst.Trigger.Parent = inst
	}
	if inst.Args.Text == "" && form != unknownForm && form != shellOrJSON {
		p.problem(at, "%s requires at least one argument", inst.Name)
	}
}

func (p *parser) jsonArray(inst *Instruction, text string) bool {
	if !strings.HasPrefix(text, "[") {
		return false
	}
	var values []any
	if json.Unmarshal([]byte(text), &values) != nil {
		return false
	}
	for _, v := range values {
		if _, ok := v.(string); !ok {
			p.problem(inst.Keyword.Start, "%s: a JSON array must be comprised of strings only", inst.Name)
			return false
		}
	}
	return true
}

// healthCommand splits the arguments of HEALTHCHECK into its type (NONE or CMD)
// and the command.
func (inst *Instruction) healthCommand() (kind string, command Joined) {
	text := inst.Args.Text
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		end = len(text)
	}
	start := end + len(text[end:]) - len(strings.TrimLeftFunc(text[end:], unicode.IsSpace))
	return text[:end], inst.Args.Slice(start, len(text))
}

// ShellText returns the command of a RUN, CMD, ENTRYPOINT or HEALTHCHECK CMD in
// shell form, and false for the exec form and every other instruction.
func (inst *Instruction) ShellText() (Joined, bool) {
	if inst.JSON {
		return Joined{}, false
	}
	switch inst.Name {
	case "RUN", "CMD", "ENTRYPOINT":
		return inst.Args, true
	case "HEALTHCHECK":
		kind, command := inst.healthCommand()
		return command, strings.EqualFold(kind, "CMD")
	}
	return Joined{}, false
}

// A Word is one argument.
type Word struct {
	Text string      // as Docker takes it before it expands variables
	Span source.Span // as written, quotes included
}

// Words returns the arguments of an instruction that takes a list: its JSON
// array's strings, or what stands between white space. For ARG, ENV and LABEL
// quotes hold a word together, and stay in Text.
func (inst *Instruction) Words() []Word {
	switch form := forms[inst.Name]; {
	case inst.JSON && form == healthForm:
		_, command := inst.healthCommand()
		return jsonWords(command)
	case inst.JSON:
		return jsonWords(inst.Args)
	case form == listForm || form == listOrJSON:
		return blankWords(inst.Args)
	case form == pairsForm || form == optionalPair:
		return inst.file.quotedWords(inst.Args)
	}
	if inst.Args.Text == "" {
		return nil
	}
	return []Word{{inst.Args.Text, inst.Args.Span(0, len(inst.Args.Text))}}
}

func blankWords(args Joined) []Word {
	var words []Word
	for at := 0; at < len(args.Text); {
		end := at
		for end < len(args.Text) && !isBlank(args.Text[end]) {
			end++
		}
		if end > at {
			words = append(words, Word{args.Text[at:end], args.Span(at, end)})
		}
		at = end + 1
	}
	return words
}

// unescapedWords returns the strings of a JSON array without escapes: what stands
// between two quotes.
func unescapedWords(args Joined) []Word {
	var words []Word
	at := 0
	for {
		open := strings.IndexByte(args.Text[at:], '"')
		if open < 0 {
			return words
		}
		start := at + open
		length := strings.IndexByte(args.Text[start+1:], '"')
		if length < 0 {
			return words
		}
		at = start + length + len(`""`)
		words = append(words, Word{args.Text[start+1 : at-1], args.Span(start, at)})
	}
}

// jsonWords returns the strings of a JSON array. The decoder tells where each
// token ends; it begins after the blanks and comma before it.
func jsonWords(args Joined) []Word {
	if !strings.Contains(args.Text, `\`) && utf8.ValidString(args.Text) {
		return unescapedWords(args)
	}
	dec := json.NewDecoder(strings.NewReader(args.Text))
	if _, err := dec.Token(); err != nil {
		return nil
	}
	var words []Word
	for dec.More() {
		before := int(dec.InputOffset())
		token, err := dec.Token()
		value, ok := token.(string)
		if err != nil || !ok {
			return words
		}
		end := int(dec.InputOffset())
		start := before + strings.IndexByte(args.Text[before:end], '"')
		words = append(words, Word{value, args.Span(start, end)})
	}
	return words
}

// quotedWords cuts text at white space that is neither quoted nor escaped. The
// quotes stay, as do escape characters; one at the very end is dropped.
func (f *File) quotedWords(args Joined) []Word {
	text := args.Text
	var words []Word
	for at := 0; at < len(text); {
		r, n := utf8.DecodeRuneInString(text[at:])
		if unicode.IsSpace(r) {
			at += n
			continue
		}
		end := f.quotedWordEnd(text, at)
		raw := text[at:end]
		if end == len(text) && f.endsInLoneEscape(raw) {
			raw = raw[:len(raw)-1]
		}
		if raw != "" {
			words = append(words, Word{raw, args.Span(at, end)})
		}
		at = end
	}
	return words
}

func (f *File) quotedWordEnd(text string, at int) int {
	quote := rune(0)
	for at < len(text) {
		r, n := utf8.DecodeRuneInString(text[at:])
		switch {
		case quote == 0 && unicode.IsSpace(r):
			return at
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case quote != 0 && r == quote:
			quote = 0
		case r == rune(f.Escape) && quote != '\'' && at+n < len(text):
			at += n
			_, n = utf8.DecodeRuneInString(text[at:])
		}
		at += n
	}
	return at
}

// endsInLoneEscape reports whether the last byte of a word is an escape character
// that escapes nothing.
func (f *File) endsInLoneEscape(word string) bool {
	quote := byte(0)
	for i := 0; i < len(word); i++ {
		switch c := word[i]; {
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
		case c == f.Escape && quote != '\'':
			if i+1 == len(word) {
				return true
			}
			i++
		}
	}
	return false
}

// A Pair is one name and value of ARG, ENV or LABEL.
type Pair struct {
	Name, Value string // as written, quotes included
	HasValue    bool   // false for "ARG NAME"
	Span        source.Span
	ValueSpan   source.Span
}

// Pairs returns the names and values of an ARG, ENV or LABEL.
func (inst *Instruction) Pairs() []Pair {
	form := forms[inst.Name]
	if form != pairsForm && form != optionalPair {
		return nil
	}
	words := inst.file.quotedWords(inst.Args)
	if form == pairsForm && len(words) > 0 && !strings.Contains(words[0].Text, "=") {
		return inst.legacyPair()
	}
	var pairs []Pair
	for _, w := range words {
		name, value, has := strings.Cut(w.Text, "=")
		pair := Pair{Name: name, Value: value, HasValue: has, Span: w.Span}
		if has {
			pair.ValueSpan = source.Span{Start: w.Span.End, End: w.Span.End}
			if i := strings.IndexByte(inst.file.Slice(w.Span), '='); i >= 0 {
				pair.ValueSpan.Start = w.Span.Start + i + 1
			}
		}
		pairs = append(pairs, pair)
	}
	return pairs
}

// legacyPair reads "ENV name value with blanks".
func (inst *Instruction) legacyPair() []Pair {
	args := inst.Args
	name, rest := cutBlank(args.Text)
	if name == args.Text {
		return nil
	}
	n := len(args.Text)
	return []Pair{{
		Name: name, Value: rest, HasValue: true,
		Span:      args.Span(0, n),
		ValueSpan: args.Span(n-len(rest), n),
	}}
}

// cutBlank cuts text around its first run of blanks.
func cutBlank(text string) (before, after string) {
	start := 0
	for start < len(text) && !isBlank(text[start]) {
		start++
	}
	end := start
	for end < len(text) && isBlank(text[end]) {
		end++
	}
	return text[:start], text[end:]
}
