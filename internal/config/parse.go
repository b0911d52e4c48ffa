package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

// maxID is the largest user ID that Docker takes (moby/sys/user, maxID).
const maxID = 1<<31 - 1

// Parse reads the text of a configuration. fixers are the names that it may use.
// name stands in errors, each of which is an *Error.
func Parse(name string, text []byte, fixers []string) (*Config, error) {
	c := &Config{Path: name}
	var document, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return c, nil
	}
	if err != nil {
		return nil, malformed(name, err)
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, &Error{Path: name, Line: max(more.Line, 1), Column: max(more.Column, 1), Message: "there is more than one document"}
	}
	r := reader{fixers: fixers, config: c}
	root := document.Content[0]
	if root.Tag != "!!null" {
		r.mapping(root, r.key)
	}
	if r.err != nil {
		r.err.Path = name
		return nil, r.err
	}
	return c, nil
}

// malformed tells of what is no YAML. The library gives the line in the text of
// its error only.
func malformed(name string, err error) *Error {
	e := &Error{Path: name, Line: 1, Column: 1, Message: strings.TrimPrefix(err.Error(), "yaml: ")}
	var line int
	if n, _ := fmt.Sscanf(e.Message, "line %d:", &line); n == 1 {
		e.Line = max(line, 1)
		_, e.Message, _ = strings.Cut(e.Message, ": ")
	}
	return e
}

// A reader reads nodes into a Config and keeps the first error.
type reader struct {
	fixers []string
	config *Config
	err    *Error
}

func (r *reader) fail(at *yaml.Node, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{Line: at.Line, Column: at.Column, Message: fmt.Sprintf(format, args...)}
	}
}

// key reads a key of the document.
func (r *reader) key(key string, value *yaml.Node) bool {
	c := r.config
	switch key {
	case "only":
		c.Only = r.names(value)
	case "skip":
		c.Skip = r.names(value)
	case "safe":
		c.Safe = r.oneOf(value, "!!bool", "true", "false") == "true"
	case "pull-requests":
		c.NoPulls = r.oneOf(value, "!!bool", "true", "false") == "false"
	case "exclude":
		c.exclude = project.ParsePatterns(r.strings(value))
	case "contexts":
		c.contexts = r.paths(value, path.Clean)
	case "images":
		c.images = r.paths(value, func(image string) string { return image })
	case "fixers":
		r.mapping(value, r.fixer)
	default:
		return false
	}
	return true
}

// fixer reads the settings of a fixer. A fixer without settings has no key.
func (r *reader) fixer(name string, value *yaml.Node) bool {
	switch name {
	case "package-cleanup":
		r.mapping(value, r.packageCleanup)
	case "numeric-user":
		r.mapping(value, r.numericUser)
	case "kubernetes-user":
		r.mapping(value, r.kubernetesUser)
	default:
		return false
	}
	return true
}

func (r *reader) packageCleanup(key string, value *yaml.Node) bool {
	if key != "style" {
		return false
	}
	r.config.Settings.CacheMounts = r.oneOf(value, "!!str", "clean-up", "cache-mount") == "cache-mount"
	return true
}

func (r *reader) numericUser(key string, value *yaml.Node) bool {
	switch key {
	case "add-user":
		if r.oneOf(value, "!!str", "never", "when-sound") == "never" {
			r.config.Settings.AddUser = fix.AddUserNever
		}
	case "uid":
		var id int64
		if value.Tag != "!!int" || value.Decode(&id) != nil || id < 1 || id > maxID {
			r.fail(value, "expected an ID from 1 to %d", maxID)
		}
		r.config.Settings.UserID = int(id)
	default:
		return false
	}
	return true
}

// contexts reads the map from Dockerfiles to the folders of their build contexts.
func (r *reader) kubernetesUser(key string, value *yaml.Node) bool {
	if key != "restricted-profile" {
		return false
	}
	r.config.Settings.RestrictedProfile = r.oneOf(value, "!!bool", "true", "false") == "true"
	return true
}

// paths reads a mapping to paths below the folder of the file.
func (r *reader) paths(node *yaml.Node, clean func(key string) string) map[string]string {
	paths := map[string]string{}
	r.mapping(node, func(key string, value *yaml.Node) bool {
		name := r.string(value)
		if r.err == nil && !filepath.IsLocal(filepath.FromSlash(name)) {
			r.fail(value, "%q lies outside the folder of this file", name)
		}
		paths[clean(key)] = name
		return true
	})
	return paths
}

// mapping calls read with each key of a mapping; false from it means that there
// is no such key.
func (r *reader) mapping(node *yaml.Node, read func(key string, value *yaml.Node) bool) {
	if node.Kind != yaml.MappingNode {
		r.fail(node, "expected keys and values, not %s", kindOf(node))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		name := r.string(key)
		if seen[name] {
			r.fail(key, "the key %q is there twice", name)
		}
		seen[name] = true
		if r.err == nil && !read(name, node.Content[i+1]) {
			r.fail(key, "unknown key %q", name)
		}
	}
}

// names reads a list of fixers' names.
func (r *reader) names(node *yaml.Node) []string {
	names := r.strings(node)
	for i, name := range names {
		if r.err == nil && !slices.Contains(r.fixers, name) {
			r.fail(node.Content[i], "no fixer is called %q", name)
		}
	}
	return names
}

func (r *reader) strings(node *yaml.Node) []string {
	if node.Kind != yaml.SequenceNode {
		r.fail(node, "expected a list, not %s", kindOf(node))
		return nil
	}
	var all []string
	for _, item := range node.Content {
		all = append(all, r.string(item))
	}
	return all
}

func (r *reader) string(node *yaml.Node) string {
	if node.Kind != yaml.ScalarNode || node.Tag != "!!str" {
		r.fail(node, "expected a string, not %s", kindOf(node))
	}
	return node.Value
}

// oneOf reads a scalar of that tag that has one of the values.
func (r *reader) oneOf(node *yaml.Node, tag string, values ...string) string {
	if node.Kind != yaml.ScalarNode || node.Tag != tag || !slices.Contains(values, node.Value) {
		r.fail(node, "expected %s", strings.Join(values, " or "))
	}
	return node.Value
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
