package project

import (
	"strings"
)

func isBakeHCL(name string) bool { return baseMatches(name, "docker-bake*.hcl") }

// bakeHCLBuilders reads what is literal in docker-bake.hcl: the attributes of
// target blocks that are strings, lists of strings or maps of strings, and
// variables that have a default. What is computed stays unknown. A full HCL
// evaluator would bring a type system and a function library along for these
// few fields.
func bakeHCLBuilders(file builderFile) []Builder {
	variables, targets := table{}, table{}
	scanner := hclScanner{text: file.text}
	for {
		kind, ok := scanner.next()
		if !ok {
			break
		}
		if kind.kind != hclWord {
			continue
		}
		switch kind.text {
		case "target", "variable":
			name, ok := scanner.next()
			if !ok || name.kind != hclString && name.kind != hclWord {
				continue
			}
			if open, ok := scanner.next(); !ok || open.text != "{" {
				continue
			}
			body := scanner.body(0)
			if kind.text == "target" {
				targets[name.text] = map[string]any(body)
			} else {
				variables[name.text] = body["default"]
			}
		}
	}
	if scanner.broken {
		return nil
	}
	for _, name := range targets.keys() {
		resolveVariables(targets.table(name), variables)
	}
	return bakeBuilders(file, targets)
}

// resolveVariables puts the defaults of variables in. A reference is written
// "${NAME}" in both forms, as the scanner gives it.
func resolveVariables(target, variables table) {
	for key, value := range target {
		switch value := value.(type) {
		case string:
			target[key] = withDefaults(value, variables)
		case []any:
			for i, item := range value {
				if s, ok := item.(string); ok {
					value[i] = withDefaults(s, variables)
				}
			}
		}
	}
}

func withDefaults(value string, variables table) string {
	for _, name := range variables.keys() {
		if fallback, ok := variables[name].(string); ok {
			value = strings.ReplaceAll(value, "${"+name+"}", fallback)
		}
	}
	return value
}

type hclKind int

const (
	hclPunctuation hclKind = iota
	hclWord
	hclString
)

type hclToken struct {
	kind hclKind
	text string
}

type hclScanner struct {
	text   string
	pos    int
	broken bool // a block does not end
}

// next gives the next token; comments and blanks are passed over.
func (s *hclScanner) next() (hclToken, bool) {
	for s.pos < len(s.text) {
		rest := s.text[s.pos:]
		switch c := rest[0]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',':
			s.pos++
		case c == '#' || strings.HasPrefix(rest, "//"):
			s.skipPast("\n")
		case strings.HasPrefix(rest, "/*"):
			s.skipPast("*/")
		case c == '"':
			return s.quoted(), true
		case isHCLWord(c):
			end := 1
			for end < len(rest) && (isHCLWord(rest[end]) || rest[end] == '.' || rest[end] == '-') {
				end++
			}
			s.pos += end
			return hclToken{hclWord, rest[:end]}, true
		default:
			s.pos++
			return hclToken{hclPunctuation, rest[:1]}, true
		}
	}
	return hclToken{}, false
}

func (s *hclScanner) skipPast(end string) {
	i := strings.Index(s.text[s.pos:], end)
	if i < 0 {
		s.pos = len(s.text)
		return
	}
	s.pos += i + len(end)
}

func (s *hclScanner) quoted() hclToken {
	var text strings.Builder
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; c {
		case '"':
			s.pos++
			return hclToken{hclString, text.String()}
		case '\\':
			s.pos++
			if s.pos < len(s.text) {
				text.WriteByte(s.text[s.pos])
			}
		default:
			text.WriteByte(c)
		}
	}
	return hclToken{hclString, text.String()}
}

func isHCLWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// maxHCLDepth bounds nested blocks.
const maxHCLDepth = 20

// body reads "key = value" up to the closing brace. An attribute whose value
// is computed gets "${…}", which no caller takes as literal.
func (s *hclScanner) body(depth int) table {
	body := table{}
	for {
		key, ok := s.next()
		if !ok || depth > maxHCLDepth {
			s.broken = true
			return body
		}
		if key.kind == hclPunctuation && key.text == "}" {
			return body
		}
		if key.kind == hclPunctuation {
			continue
		}
		sign, ok := s.next()
		if !ok {
			return body
		}
		switch sign.text {
		case "=", ":":
			body[key.text] = s.value(depth)
		case "{":
			s.body(depth + 1)
		}
	}
}

func (s *hclScanner) value(depth int) any {
	token, ok := s.next()
	if !ok {
		return nil
	}
	switch {
	case token.kind == hclString && s.restOfLine() == "":
		return token.text
	case token.kind == hclWord && s.restOfLine() == "":
		return "${" + token.text + "}"
	case token.text == "{":
		return map[string]any(s.body(depth + 1))
	case token.text == "[":
		return s.list()
	}
	s.skipComputed()
	return "${computed}"
}

// restOfLine gives what follows on the line and belongs to the same value.
func (s *hclScanner) restOfLine() string {
	rest, _, _ := strings.Cut(s.text[s.pos:], "\n")
	rest = strings.TrimSpace(rest)
	if rest != "" && strings.ContainsRune("#/,}]", rune(rest[0])) {
		return ""
	}
	return rest
}

func (s *hclScanner) list() any {
	var items []any
	for {
		token, ok := s.next()
		if !ok || token.kind == hclPunctuation && token.text == "]" {
			return items
		}
		if token.kind == hclString {
			items = append(items, token.text)
		}
	}
}

// skipComputed passes over an expression, brackets balanced, to the line's end.
func (s *hclScanner) skipComputed() {
	depth := 0
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 {
				return
			}
			depth--
		case '\n':
			if depth <= 0 {
				return
			}
		}
		s.pos++
	}
}
