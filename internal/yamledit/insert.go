package yamledit

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/source"
)

// insert puts entries into one mapping, all at one place.
func (f *File) insert(group []put) ([]edit.Edit, error) {
	n := group[0].mapping
	if err := f.editable(n); err != nil {
		return nil, err
	}
	for _, p := range group {
		if key, _ := Get(n, p.entry.Key); key != nil {
			return nil, fmt.Errorf("line %d has %s already", key.Line, p.entry.Key)
		}
	}
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null" || n.Kind == yaml.MappingNode && len(n.Content) == 0:
		return f.fill(n, group)
	case n.Kind != yaml.MappingNode:
		return nil, fmt.Errorf("line %d holds no keys", n.Line)
	}
	if merge, _ := Get(n, "<<"); merge != nil {
		return nil, fmt.Errorf("line %d merges another mapping", merge.Line)
	}
	if n.Style&yaml.FlowStyle != 0 {
		return f.insertFlow(n, group)
	}
	return f.insertBlock(n, group)
}

// fill makes lines of keys under a key that has no value, or that has {}.
func (f *File) fill(n *yaml.Node, group []put) ([]edit.Edit, error) {
	parent := f.parents[n]
	if parent == nil || parent.Kind != yaml.MappingNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 || n.Value != "" {
		return nil, fmt.Errorf("the empty value in line %d has no place for keys", n.Line)
	}
	var key *yaml.Node
	for i := 0; i+1 < len(parent.Content); i += 2 {
		if parent.Content[i+1] == n {
			key = parent.Content[i]
		}
	}
	l := f.layout(parent)
	at := f.Offset(n)
	end, err := f.end(n, -1)
	if err != nil {
		return nil, err
	}
	if parent.Style&yaml.FlowStyle != 0 {
		if n.Kind != yaml.MappingNode {
			return nil, fmt.Errorf("the empty value in line %d has no place for keys", n.Line)
		}
		var all []string
		for _, p := range group {
			all = append(all, l.flow(p.entry))
		}
		text := "{" + l.compact + strings.Join(all, ", ") + l.compact + "}"
		return []edit.Edit{edit.Replace(source.Span{Start: at, End: end}, text)}, nil
	}
	keyEnd, err := f.end(key, -1)
	if err != nil {
		return nil, err
	}
	colon := strings.IndexByte(f.Text[keyEnd:], ':') + keyEnd + 1
	if f.LineAt(keyEnd) != f.LineAt(end) || strings.Trim(f.Text[colon:max(at, colon)], " \t") != "" {
		return nil, fmt.Errorf("the empty value in line %d has no place for keys", n.Line)
	}
	var edits []edit.Edit
	if n.Kind == yaml.MappingNode {
		edits = append(edits, edit.Delete(source.Span{Start: colon, End: end}))
	}
	lines, err := f.linesAfter(max(end, colon), l, blockColumn(parent)+l.step, group)
	return append(edits, lines...), err
}

func (f *File) insertBlock(n *yaml.Node, group []put) ([]edit.Edit, error) {
	column := blockColumn(n)
	for i := 0; i < len(n.Content); i += 2 {
		before := f.before(n.Content[i])
		if i == 0 { // the dashes are those of the sequences that the mapping begins
			before = strings.ReplaceAll(strings.ReplaceAll(before, "- ", ""), "-\t", "")
		}
		if !isBlank(before) {
			return nil, fmt.Errorf("the key in line %d does not begin its line", n.Content[i].Line)
		}
	}
	last := n.Content[len(n.Content)-1]
	if after := group[0].after; after != nil {
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i] == after {
				last = n.Content[i+1]
			}
		}
	}
	end, err := f.end(last, column)
	if err != nil {
		return nil, err
	}
	if last == n.Content[len(n.Content)-1] {
		end = f.trailingComments(end, column)
	}
	return f.linesAfter(end, f.layout(n), column, group)
}

// before is what stands before a key on its line.
func (f *File) before(key *yaml.Node) string {
	return strings.TrimPrefix(f.Text[f.LineStart(key.Line):f.Offset(key)], source.BOM)
}

func isBlank(text string) bool { return strings.Trim(text, " \t") == "" }

// trailingComments gives the end of the comment lines right below the line of
// end that are indented as the mapping's keys are, or more.
func (f *File) trailingComments(end, column int) int {
	for {
		next := f.AfterLine(end)
		if next >= len(f.Text) || next == end {
			return end
		}
		line := f.LineAt(next)
		text := f.Slice(line)
		trimmed := strings.TrimLeft(text, " ")
		if !strings.HasPrefix(trimmed, "#") || len(text)-len(trimmed) < max(column, 1) {
			return end
		}
		end = line.End
	}
}

// linesAfter inserts entries as lines below the line of end.
func (f *File) linesAfter(end int, l layout, indent int, group []put) ([]edit.Edit, error) {
	line := f.LineAt(end)
	if rest := f.Text[end:line.End]; strings.Trim(rest, " \t") != "" && !strings.HasPrefix(strings.TrimLeft(rest, " \t"), "#") {
		return nil, errors.New("something follows on the same line")
	}
	var b strings.Builder
	for _, p := range group {
		l.block(&b, indent, p.entry)
	}
	at := f.AfterLine(end)
	if at > 0 && f.Text[at-1] == '\n' {
		return []edit.Edit{edit.Insert(at, b.String())}, nil
	}
	// The file ends without a line end, and still does.
	return []edit.Edit{edit.Insert(at, l.eol+strings.TrimSuffix(b.String(), l.eol))}, nil
}

func (f *File) insertFlow(n *yaml.Node, group []put) ([]edit.Edit, error) {
	open := f.afterProperties(n, f.Offset(n))
	if open >= len(f.Text) || f.Text[open] != '{' {
		return nil, fmt.Errorf("the mapping in line %d has no braces", n.Line)
	}
	key, value := n.Content[len(n.Content)-2], n.Content[len(n.Content)-1]
	if after := group[0].after; after != nil {
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i] == after {
				key, value = n.Content[i], n.Content[i+1]
			}
		}
	}
	end, err := f.end(value, -1)
	if err != nil {
		return nil, err
	}
	separator := ", "
	if at := f.Offset(key); isBlank(f.before(key)) && f.LineStart(key.Line) > 0 {
		separator = "," + f.EOL() + f.Text[f.LineStart(key.Line):at]
	}
	l := f.layout(n)
	var b strings.Builder
	for _, p := range group {
		b.WriteString(separator + l.flow(p.entry))
	}
	return []edit.Edit{edit.Insert(end, b.String())}, nil
}

// layout reads off how the file is written around a mapping.
func (f *File) layout(n *yaml.Node) layout {
	l := layout{eol: f.EOL(), step: 2, dash: -1}
	if len(n.Content) > 0 && n.Content[0].Style&yaml.DoubleQuotedStyle != 0 {
		l.quote = `"`
	}
	if n.Style&yaml.FlowStyle != 0 {
		if open := f.afterProperties(n, f.Offset(n)); strings.HasPrefix(f.Text[open:], "{ ") {
			l.compact = " "
		}
	}
	step, dash := 0, -1
	// The nearest mapping tells: files are glued together from many.
	for around := n; around != nil && (step == 0 || dash < 0); around = f.parents[around] {
		s, d := steps(around)
		if step == 0 {
			step = s
		}
		if dash < 0 {
			dash = d
		}
	}
	if step > 0 {
		l.step = step
	}
	l.dash = max(dash, 0)
	if dash < 0 {
		l.dash = l.step
	}
	return l
}

// steps gives by how much the mappings and lists under a node's keys are
// indented; 0 and -1 if there are none.
func steps(n *yaml.Node) (step, dash int) {
	dash = -1
	if n.Kind != yaml.MappingNode || n.Style&yaml.FlowStyle != 0 {
		return step, dash
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if len(value.Content) == 0 || value.Style&yaml.FlowStyle != 0 {
			continue
		}
		by := blockColumn(value) - (key.Column - 1)
		switch {
		case value.Kind == yaml.MappingNode && step == 0 && by > 0:
			step = by
		case value.Kind == yaml.SequenceNode && dash < 0 && by >= 0 && value.Line > key.Line:
			dash = by
		}
	}
	return step, dash
}
