// Package strict reads YAML in which every key and value must be known.
//
// Invariants: what is read is hostile. The first thing that is wrong is an error
// with its line and column, and nothing after it counts. Aliases are refused, so
// that a text is read in time linear in its size.
package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/yamledit"
)

// An Error is what is wrong with a file. Line and Column count from 1.
type Error struct {
	Path         string
	Line, Column int
	Message      string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Column, e.Message)
}

// A Reader reads the values of a document and keeps the first error.
type Reader struct{ err *Error }

// Keys are the keys that a mapping may have, each with what reads its value.
type Keys map[string]func(value *yaml.Node)

// Read reads a text of one document, whose top has the keys. name stands in the
// error, which is an *Error. An empty text has no keys.
func (r *Reader) Read(name string, text []byte, keys Keys) error {
	var document, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return malformed(name, text, err)
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return &Error{Path: name, Line: max(more.Line, 1), Column: max(more.Column, 1), Message: "there is more than one document"}
	}
	if root := document.Content[0]; root.Tag != "!!null" {
		r.Mapping(root, keys)
	}
	if r.err != nil {
		r.err.Path = name
		return r.err
	}
	return nil
}

// malformed tells of what is no YAML.
func malformed(name string, text []byte, err error) *Error {
	at, message := yamledit.Malformed(string(text), err)
	return &Error{Path: name, Line: at.Line, Column: at.Column, Message: message}
}

// Failed reports whether there was an error.
func (r *Reader) Failed() bool { return r.err != nil }

// Fail tells of what is wrong at a node, unless something was wrong before.
func (r *Reader) Fail(at *yaml.Node, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{Line: at.Line, Column: at.Column, Message: fmt.Sprintf(format, args...)}
	}
}

// Mapping reads the values of a mapping that has no other keys than these.
func (r *Reader) Mapping(node *yaml.Node, keys Keys) {
	r.each(node, func(key, value *yaml.Node) {
		read, known := keys[key.Value]
		if !known {
			r.Fail(key, "unknown key %q%s", key.Value, Choices(key.Value, slices.Sorted(maps.Keys(keys))))
			return
		}
		read(value)
	})
}

// Pairs calls read with each key of a mapping, whatever the keys are.
func (r *Reader) Pairs(node *yaml.Node, read func(key string, value *yaml.Node)) {
	r.each(node, func(key, value *yaml.Node) { read(key.Value, value) })
}

// each calls read with the keys and values of a mapping, up to the first that is
// wrong.
func (r *Reader) each(node *yaml.Node, read func(key, value *yaml.Node)) {
	if node.Kind != yaml.MappingNode {
		r.Fail(node, "expected keys and values, not %s", kindOf(node))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		name := r.String(key)
		if seen[name] {
			r.Fail(key, "the key %q is there twice", name)
		}
		seen[name] = true
		if r.err == nil {
			read(key, node.Content[i+1])
		}
	}
}

// Each calls read with each item of a list.
func (r *Reader) Each(node *yaml.Node, read func(item *yaml.Node)) {
	if node.Kind != yaml.SequenceNode {
		r.Fail(node, "expected a list, not %s", kindOf(node))
		return
	}
	for _, item := range node.Content {
		read(item)
	}
}

// Strings reads a list of strings.
func (r *Reader) Strings(node *yaml.Node) []string {
	var all []string
	r.Each(node, func(item *yaml.Node) { all = append(all, r.String(item)) })
	return all
}

// Names reads a list of strings, each one of those that are known; what is called
// so is a kind.
func (r *Reader) Names(node *yaml.Node, kind string, known []string) []string {
	names := r.Strings(node)
	for i, name := range names {
		if r.err == nil && !slices.Contains(known, name) {
			r.Fail(node.Content[i], "no %s is called %q%s", kind, name, Choices(name, known))
		}
	}
	return names
}

// String reads a string.
func (r *Reader) String(node *yaml.Node) string {
	if node.Kind != yaml.ScalarNode || node.Tag != "!!str" {
		r.Fail(node, "expected a string, not %s", kindOf(node))
	}
	return node.Value
}

// OneOf reads a scalar of that tag that has one of the values.
func (r *Reader) OneOf(node *yaml.Node, tag string, values ...string) string {
	if node.Kind != yaml.ScalarNode || node.Tag != tag || !slices.Contains(values, node.Value) {
		r.Fail(node, "expected %s", strings.Join(values, " or "))
	}
	return node.Value
}

// Bool reads true or false.
func (r *Reader) Bool(node *yaml.Node) bool {
	return r.OneOf(node, "!!bool", "true", "false") == "true"
}

// Int reads a number from least to most.
func (r *Reader) Int(node *yaml.Node, least, most int) int {
	var n int
	if node.Kind != yaml.ScalarNode || node.Tag != "!!int" || node.Decode(&n) != nil || n < least || n > most {
		r.Fail(node, "expected a number from %d to %d", least, most)
	}
	return n
}

func kindOf(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	return fmt.Sprintf("%q", node.Value)
}
