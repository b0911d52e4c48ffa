package yamledit

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Value is what a new key gets: a scalar, a mapping or a list of scalars.
type Value struct {
	scalar  string
	entries []Entry
	items   []string
}

// An Entry is a key with its value.
type Entry struct {
	Key   string
	Value Value
}

// Scalar is a value that stands in the file as given, such as true or 1001.
func Scalar(text string) Value { return Value{scalar: text} }

// Mapping is a value of keys and values.
func Mapping(entries ...Entry) Value { return Value{entries: entries} }

// List is a value of scalars.
func List(items ...string) Value { return Value{items: items} }

// A layout is how the file around a new key is written.
type layout struct {
	eol     string
	step    int    // blanks by which a nested mapping is indented
	dash    int    // blanks by which a list is indented from its key
	quote   string // around keys and strings: `"` as in JSON, or ""
	compact string // blanks inside of the braces of a flow mapping
}

// block writes an entry on lines of its own, each indented and with its line end.
func (l layout) block(b *strings.Builder, indent int, e Entry) {
	b.WriteString(strings.Repeat(" ", indent) + l.quoted(e.Key) + ":")
	switch v := e.Value; {
	case v.entries != nil:
		b.WriteString(l.eol)
		for _, nested := range v.entries {
			l.block(b, indent+l.step, nested)
		}
	case v.items != nil:
		b.WriteString(l.eol)
		for _, item := range v.items {
			b.WriteString(strings.Repeat(" ", indent+l.dash) + "- " + l.scalar(item) + l.eol)
		}
	default:
		b.WriteString(" " + l.scalar(v.scalar) + l.eol)
	}
}

// flow writes an entry for a place between braces.
func (l layout) flow(e Entry) string {
	text := l.quoted(e.Key) + ": "
	switch v := e.Value; {
	case v.entries != nil:
		var all []string
		for _, nested := range v.entries {
			all = append(all, l.flow(nested))
		}
		return text + "{" + l.compact + strings.Join(all, ", ") + l.compact + "}"
	case v.items != nil:
		var all []string
		for _, item := range v.items {
			all = append(all, l.scalar(item))
		}
		return text + "[" + strings.Join(all, ", ") + "]"
	default:
		return text + l.scalar(v.scalar)
	}
}

func (l layout) quoted(text string) string { return l.quote + text + l.quote }

// scalar quotes a string where the keys are quoted, as JSON has it.
func (l layout) scalar(text string) string {
	if n := scalarNode(text); n.Tag == "!!str" && n.Style == 0 {
		return l.quoted(text)
	}
	return text
}

// scalarNode is what a scalar reads as.
func scalarNode(text string) *yaml.Node {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil || len(document.Content) != 1 {
		return &yaml.Node{}
	}
	return document.Content[0]
}
