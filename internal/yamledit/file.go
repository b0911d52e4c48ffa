package yamledit

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/source"
)

// A File is a YAML file as it was read.
type File struct {
	*source.File
	// Documents are the trees of its documents, in order.
	Documents []*yaml.Node

	parents map[*yaml.Node]*yaml.Node
	shared  map[*yaml.Node]string // the anchor through which a node shows in two places
}

// Parse reads a YAML file of any number of documents. The error says, in lower
// case, why it is left alone.
func Parse(name, text string) (*File, error) {
	if why := foreign(text); why != "" {
		return nil, errors.New(why)
	}
	f := &File{File: source.New(name, text), parents: map[*yaml.Node]*yaml.Node{}, shared: map[*yaml.Node]string{}}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		document := &yaml.Node{}
		err := decoder.Decode(document)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			at, message := Malformed(text, err)
			return nil, fmt.Errorf("it does not parse: line %d: %s", at.Line, message)
		}
		f.Documents = append(f.Documents, document)
	}
	for _, document := range f.Documents {
		f.adopt(document)
	}
	for child := range f.parents {
		if child.Kind == yaml.AliasNode {
			f.share(child.Alias, child.Value)
		}
	}
	for _, document := range f.Documents {
		if n := twice(document); n != nil {
			return nil, fmt.Errorf("it does not parse: line %d has the key %s again", n.Line, n.Value)
		}
		if n, marker := templateMarker(document); n != nil {
			return nil, fmt.Errorf("it is a template: line %d has %s", n.Line, marker)
		}
	}
	return f, nil
}

// foreign says what keeps lines and columns from being those of the bytes.
func foreign(text string) string {
	body := strings.TrimPrefix(text, source.BOM)
	switch {
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return fmt.Sprintf("it is not UTF-8 in line %d", source.New("", text).Position(firstForeign(text)).Line)
	case strings.Contains(body, source.BOM):
		return "it has a byte-order mark inside"
	case strings.ContainsAny(text, "\u0085\u2028\u2029"):
		return "it has line ends that only some parsers know"
	case strings.Count(text, "\r") != strings.Count(text, "\r\n"):
		return "it has carriage returns inside of lines"
	}
	return ""
}

// twice finds a key that its mapping has already: YAML forbids it, and readers
// differ about which one counts.
func twice(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.MappingNode {
		seen := map[[2]string]bool{}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode {
				continue
			}
			id := [2]string{key.Tag, key.Value}
			if seen[id] {
				return key
			}
			seen[id] = true
		}
	}
	for _, child := range n.Content {
		if found := twice(child); found != nil {
			return found
		}
	}
	return nil
}

// templateMarker finds a plain or quoted scalar with what a generator replaces
// before anyone reads the file as YAML: "{{", "{%", "<%". Block scalars hold other
// languages' files, where such markers are theirs.
func templateMarker(n *yaml.Node) (at *yaml.Node, marker string) {
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		for _, marker := range []string{"{{", "{%", "<%"} {
			if strings.Contains(n.Value, marker) {
				return n, marker
			}
		}
	}
	// "a: {{ .Values.a }}" is YAML: a mapping whose one key is a mapping.
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode {
		return n, "{{"
	}
	for _, child := range n.Content {
		if at, marker := templateMarker(child); at != nil {
			return at, marker
		}
	}
	return nil, ""
}

func (f *File) adopt(n *yaml.Node) {
	for _, child := range n.Content {
		f.parents[child] = n
		f.adopt(child)
	}
}

func (f *File) share(n *yaml.Node, anchor string) {
	if _, done := f.shared[n]; n == nil || done {
		return
	}
	f.shared[n] = anchor
	for _, child := range n.Content {
		f.share(child, anchor)
	}
}

// Offset is where a node begins, its anchor and tag included.
func (f *File) Offset(n *yaml.Node) int {
	offset := f.LineStart(n.Line)
	if n.Line == 1 && strings.HasPrefix(f.Text, source.BOM) {
		offset += len(source.BOM)
	}
	for range n.Column - 1 {
		if offset == len(f.Text) {
			return offset
		}
		_, size := utf8.DecodeRuneInString(f.Text[offset:])
		offset += size
	}
	return offset
}

// Get gives the key and the value of a mapping's entry, nil if it has none. A
// value that is an alias is followed.
func Get(mapping *yaml.Node, name string) (key, value *yaml.Node) {
	mapping = Follow(mapping)
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name && mapping.Content[i].Kind == yaml.ScalarNode {
			return mapping.Content[i], Follow(mapping.Content[i+1])
		}
	}
	return nil, nil
}

// Follow gives what an alias stands for, and any other node itself.
func Follow(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
