package yamledit

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/source"
)

// Changes are what is to become of one file. Make them with [File.Change].
type Changes struct {
	file *File
	sets map[*yaml.Node]string
	puts []put
}

// A put is a new entry of a mapping.
type put struct {
	mapping *yaml.Node // or a value that is null, which becomes a mapping
	after   *yaml.Node // the key behind whose value it goes; nil for the end
	entry   Entry
}

// Change begins a set of changes.
func (f *File) Change() *Changes { return &Changes{file: f, sets: map[*yaml.Node]string{}} }

// Empty reports whether nothing was asked for.
func (c *Changes) Empty() bool { return len(c.sets) == 0 && len(c.puts) == 0 }

// SetString makes a scalar the given string, in the quotes that it has. What
// else would be read as a number gets some.
func (c *Changes) SetString(n *yaml.Node, text string) { c.sets[n] = text }

// Put adds an entry at the end of a mapping, or makes a null value a mapping
// with that entry. Entries of one mapping keep the order in which they come.
func (c *Changes) Put(mapping *yaml.Node, key string, value Value) {
	c.puts = append(c.puts, put{mapping: mapping, entry: Entry{key, value}})
}

// PutAfter adds an entry behind the value of the key before it.
func (c *Changes) PutAfter(mapping, before *yaml.Node, key string, value Value) {
	if n := len(mapping.Content); n >= 2 && mapping.Content[n-2] == before {
		before = nil // the same place, in which all keep their order
	}
	c.puts = append(c.puts, put{mapping: mapping, after: before, entry: Entry{key, value}})
}

// Edits gives the edits that make the changes. An error says, in lower case, why
// they cannot be made; then none is to be made.
func (c *Changes) Edits() ([]edit.Edit, error) {
	var edits []edit.Edit
	for n, text := range c.sets {
		e, err := c.file.set(n, text)
		if err != nil {
			return nil, err
		}
		edits = append(edits, e)
	}
	for _, group := range c.groups() {
		more, err := c.file.insert(group)
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
	}
	slices.SortStableFunc(edits, func(a, b edit.Edit) int { return cmp.Compare(a.Start, b.Start) })
	return edits, c.check(edits)
}

// groups gives the puts that go to one place together, the deeper ones first:
// the end of a mapping is often that of the mapping around it.
func (c *Changes) groups() [][]put {
	var groups [][]put
	for _, p := range c.puts {
		i := slices.IndexFunc(groups, func(g []put) bool { return g[0].mapping == p.mapping && g[0].after == p.after })
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], p)
	}
	slices.SortStableFunc(groups, func(a, b []put) int {
		return cmp.Compare(c.file.depth(b[0].mapping), c.file.depth(a[0].mapping))
	})
	return groups
}

func (f *File) depth(n *yaml.Node) int {
	depth := 0
	for n = f.parents[n]; n != nil; n = f.parents[n] {
		depth++
	}
	return depth
}

// editable says why a node must stay as it is.
func (f *File) editable(n *yaml.Node) error {
	if f.parents[n] == nil {
		return errors.New("it is not of this file")
	}
	if anchor, ok := f.shared[n]; ok {
		return fmt.Errorf("line %d is shared through the anchor &%s", n.Line, anchor)
	}
	return nil
}

func (f *File) set(n *yaml.Node, text string) (edit.Edit, error) {
	if err := f.editable(n); err != nil {
		return edit.Edit{}, err
	}
	const block = yaml.LiteralStyle | yaml.FoldedStyle
	if n.Kind != yaml.ScalarNode || n.Anchor != "" || n.Style&(block|yaml.TaggedStyle) != 0 || n.Value == "" {
		return edit.Edit{}, fmt.Errorf("the value in line %d is no plain or quoted text", n.Line)
	}
	at := f.Offset(n)
	end, err := f.end(n, -1)
	if err != nil {
		return edit.Edit{}, err
	}
	return edit.Replace(source.Span{Start: at, End: end}, inQuotes(text, f.quote(n, text))), nil
}

// inQuotes writes a string of letters, digits and signs that need no escape.
func inQuotes(text, quote string) string { return quote + text + quote }

// quote gives the quotes for a new string in the place of n.
func (f *File) quote(n *yaml.Node, text string) string {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return `"`
	case n.Style&yaml.SingleQuotedStyle != 0:
		return "'"
	case strings.Trim(text, "0123456789:") != "" && scalarNode(text).Tag == "!!str":
		return ""
	}
	// "1001:50" is a number of base 60 to a YAML 1.1 parser.
	if strings.Count(f.Text, "'") > strings.Count(f.Text, `"`) {
		return "'"
	}
	return `"`
}
