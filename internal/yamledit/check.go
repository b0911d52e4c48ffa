package yamledit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/edit"
)

// check makes the edits and reads the result: it must be the old content with
// the changes, and hold every comment.
func (c *Changes) check(edits []edit.Edit) error {
	text, err := edit.Apply(c.file.Text, edits)
	if err != nil {
		return err
	}
	after, err := Parse(c.file.Name, text)
	if err != nil {
		return fmt.Errorf("the result is refused: %w", err)
	}
	if len(after.Documents) != len(c.file.Documents) {
		return errors.New("the result has other documents")
	}
	for i, document := range c.file.Documents {
		if !c.became(document, after.Documents[i]) {
			return fmt.Errorf("the result would change more than it should near line %d", document.Line)
		}
	}
	if !slices.Equal(comments(c.file.Documents), comments(after.Documents)) {
		return errors.New("the result would lose a comment")
	}
	return nil
}

// became reports whether now is what the changes make of was.
func (c *Changes) became(was, now *yaml.Node) bool {
	if text, ok := c.sets[was]; ok {
		return now.Kind == yaml.ScalarNode && now.Tag == "!!str" && now.Value == text && now.Anchor == was.Anchor
	}
	entries := c.entries(was)
	if filled := len(was.Content) == 0 && len(entries) > 0; filled {
		return now.Kind == yaml.MappingNode && holds(now, entries)
	}
	if was.Kind != now.Kind || was.Tag != now.Tag || was.Value != now.Value || was.Anchor != now.Anchor || was.Style != now.Style {
		return false
	}
	rest := now.Content
	for i, child := range was.Content {
		if len(rest) == 0 || !c.became(child, rest[0]) {
			return false
		}
		rest = rest[1:]
		if was.Kind != yaml.MappingNode || i%2 == 0 {
			continue
		}
		for _, p := range c.puts {
			here := p.after == was.Content[i-1] || p.after == nil && i == len(was.Content)-1
			if p.mapping != was || !here {
				continue
			}
			if len(rest) < 2 || rest[0].Value != p.entry.Key || !is(rest[1], p.entry.Value) {
				return false
			}
			rest = rest[2:]
		}
	}
	return len(rest) == 0
}

func (c *Changes) entries(n *yaml.Node) []Entry {
	var entries []Entry
	for _, p := range c.puts {
		if p.mapping == n {
			entries = append(entries, p.entry)
		}
	}
	return entries
}

// holds reports whether a mapping is just the entries.
func holds(n *yaml.Node, entries []Entry) bool {
	if n.Kind != yaml.MappingNode || len(n.Content) != 2*len(entries) {
		return false
	}
	for i, e := range entries {
		if n.Content[2*i].Value != e.Key || !is(n.Content[2*i+1], e.Value) {
			return false
		}
	}
	return true
}

func is(n *yaml.Node, v Value) bool {
	switch {
	case v.entries != nil:
		return holds(n, v.entries)
	case v.items != nil:
		if n.Kind != yaml.SequenceNode || len(n.Content) != len(v.items) {
			return false
		}
		for i, item := range v.items {
			if !is(n.Content[i], Scalar(item)) {
				return false
			}
		}
		return true
	}
	want := scalarNode(v.scalar)
	return n.Kind == yaml.ScalarNode && n.Tag == want.Tag && n.Value == want.Value
}

// comments lists the lines of all comments, sorted: a new key may make a
// comment one of another node.
func comments(nodes []*yaml.Node) []string {
	var all []string
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		for _, text := range []string{n.HeadComment, n.LineComment, n.FootComment} {
			for line := range strings.SplitSeq(text, "\n") {
				if line = strings.TrimSpace(line); line != "" {
					all = append(all, line)
				}
			}
		}
		for _, child := range n.Content {
			visit(child)
		}
	}
	for _, n := range nodes {
		visit(n)
	}
	slices.Sort(all)
	return all
}
