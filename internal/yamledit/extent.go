package yamledit

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"
)

// errExtent says that the text at a node's position is not what the tree has
// there. No such file is known; it would be left alone.
var errExtent = errors.New("its layout is not understood")

const blanks = " \t\r\n"

// end is the offset just past a node's last byte. indent is the column, from 0,
// of the block collection around it, -1 outside of all.
func (f *File) end(n *yaml.Node, indent int) (int, error) {
	at := f.Offset(n)
	if n.Kind == yaml.AliasNode {
		return f.past(at, "*"+n.Value)
	}
	at = f.afterProperties(n, at)
	switch {
	case n.Kind == yaml.ScalarNode:
		return f.scalarEnd(n, at, indent)
	case n.Style&yaml.FlowStyle != 0:
		return f.flowEnd(n, at)
	case len(n.Content) == 0:
		return 0, errExtent
	}
	return f.end(n.Content[len(n.Content)-1], blockColumn(n))
}

// blockColumn is the column, from 0, where the keys or dashes of a block
// collection stand.
func blockColumn(n *yaml.Node) int {
	if n.Kind == yaml.MappingNode {
		return n.Content[0].Column - 1
	}
	return n.Column - 1
}

func (f *File) past(at int, text string) (int, error) {
	if !strings.HasPrefix(f.Text[at:], text) {
		return 0, errExtent
	}
	return at + len(text), nil
}

// afterProperties skips the anchor and the tag that stand before a node.
func (f *File) afterProperties(n *yaml.Node, at int) int {
	if n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 {
		return at
	}
	for at < len(f.Text) && (f.Text[at] == '&' || f.Text[at] == '!') {
		for at < len(f.Text) && !strings.ContainsRune(blanks+",[]{}", rune(f.Text[at])) {
			at++
		}
		at = f.skip(at, blanks)
	}
	return at
}

// skip passes over the bytes of set, and over comments.
func (f *File) skip(at int, set string) int {
	for at < len(f.Text) {
		switch {
		case strings.IndexByte(set, f.Text[at]) >= 0:
			at++
		case f.Text[at] == '#' && at > 0 && strings.IndexByte(blanks, f.Text[at-1]) >= 0:
			at = f.LineAt(at).End
		default:
			return at
		}
	}
	return at
}

func (f *File) scalarEnd(n *yaml.Node, at, indent int) (int, error) {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return f.quotedEnd(at, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return f.quotedEnd(at, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return f.blockScalarEnd(at, indent)
	}
	// A plain scalar is its words, with the blanks between folded.
	for _, word := range strings.FieldsFunc(n.Value, func(r rune) bool { return strings.ContainsRune(blanks, r) }) {
		for at < len(f.Text) && strings.IndexByte(blanks, f.Text[at]) >= 0 {
			at++
		}
		var err error
		if at, err = f.past(at, word); err != nil {
			return 0, err
		}
	}
	return at, nil
}

func (f *File) quotedEnd(at int, quote byte) (int, error) {
	if at >= len(f.Text) || f.Text[at] != quote {
		return 0, errExtent
	}
	for at++; at < len(f.Text); at++ {
		switch c := f.Text[at]; {
		case c == '\\' && quote == '"':
			at++
		case c == quote && quote == '\'' && strings.HasPrefix(f.Text[at:], "''"):
			at++
		case c == quote:
			return at + 1, nil
		}
	}
	return 0, errExtent
}

// blockScalarEnd finds the end of the last line of a literal or folded scalar;
// blank lines behind it belong to it if it keeps them ("|+").
func (f *File) blockScalarEnd(at, indent int) (int, error) {
	header := f.LineAt(at)
	style := f.Text[at:header.End]
	if style == "" || style[0] != '|' && style[0] != '>' {
		return 0, errExtent
	}
	style, _, _ = strings.Cut(style, " ")
	least := 0 // the indentation of the content, 0 while it is not known
	if i := strings.IndexAny(style, "123456789"); i >= 0 {
		least = max(indent, 0) + int(style[i]-'0')
	}
	end := header.End
	for start := f.AfterLine(at); start < len(f.Text); start = f.AfterLine(start) {
		line := f.LineAt(start)
		text := f.Slice(line)
		column := len(text) - len(strings.TrimLeft(text, " "))
		switch {
		case strings.Trim(text, " ") == "" && (least == 0 || column <= least):
			if strings.Contains(style, "+") {
				end = line.End
			}
			continue
		case least == 0 && column > indent:
			least = column
		}
		if least == 0 || column < least || marker(text) {
			break
		}
		end = line.End
	}
	return end, nil
}

// marker reports whether a line begins or ends a document.
func marker(line string) bool {
	for _, m := range []string{"---", "..."} {
		if rest, ok := strings.CutPrefix(line, m); ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			return true
		}
	}
	return false
}

func (f *File) flowEnd(n *yaml.Node, at int) (int, error) {
	open, closing := byte('{'), byte('}')
	if n.Kind == yaml.SequenceNode {
		open, closing = '[', ']'
	}
	braced := at < len(f.Text) && f.Text[at] == open
	if !braced && len(n.Content) == 0 {
		return 0, errExtent
	}
	if braced {
		at++
	}
	if len(n.Content) > 0 {
		last, err := f.end(n.Content[len(n.Content)-1], -1)
		if err != nil {
			return 0, err
		}
		at = max(at, last)
	}
	if !braced {
		return at, nil // "[a: b]" holds a mapping without braces
	}
	at = f.skip(at, blanks+",:")
	if at >= len(f.Text) || f.Text[at] != closing {
		return 0, errExtent
	}
	return at + 1, nil
}
