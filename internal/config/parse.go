package config

import (
	"path"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/config/strict"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

// maxID is the largest user ID that Docker takes (moby/sys/user, maxID).
const maxID = 1<<31 - 1

// Parse reads the text of a configuration. fixers are the names that it may use.
// name stands in errors, each of which is an *Error.
func Parse(name string, text []byte, fixers []string) (*Config, error) {
	r := reader{fixers: fixers, config: &Config{Path: name}}
	return r.parse(text, r.keys())
}

func (r *reader) parse(text []byte, keys strict.Keys) (*Config, error) {
	c := r.config
	if len(text) > maxSize {
		return nil, &Error{Path: c.Path, Line: 1, Column: 1, Message: tooLarge().Error()}
	}
	for key, read := range keys {
		keys[key] = func(value *yaml.Node) {
			read(value)
			if !r.Failed() {
				c.Said = append(c.Said, key+": "+inline(value))
			}
		}
	}
	if err := r.Read(c.Path, text, keys); err != nil {
		return nil, err
	}
	return c, nil
}

// A reader reads nodes into a Config.
type reader struct {
	strict.Reader
	fixers []string
	config *Config
}

// keys are those of the document.
func (r *reader) keys() strict.Keys {
	c := r.config
	return strict.Keys{
		"only":          func(value *yaml.Node) { c.Only = r.Names(value, "fixer", r.fixers) },
		"skip":          func(value *yaml.Node) { c.Skip = r.Names(value, "fixer", r.fixers) },
		"safe":          func(value *yaml.Node) { c.Safe = r.Bool(value) },
		"pull-requests": func(value *yaml.Node) { c.NoPulls = !r.Bool(value) },
		"exclude":       func(value *yaml.Node) { c.exclude = project.ParsePatterns(r.patterns(value)) },
		"contexts":      func(value *yaml.Node) { c.contexts = r.paths(value, path.Clean) },
		"images":        func(value *yaml.Node) { c.images = r.paths(value, func(image string) string { return image }) },
		"fixers":        func(value *yaml.Node) { r.Mapping(value, r.settings()) },
	}
}

// settings are the keys of the fixers that have any.
func (r *reader) settings() strict.Keys {
	settings := &r.config.Settings
	return strict.Keys{
		"package-cleanup": func(value *yaml.Node) {
			r.Mapping(value, strict.Keys{
				"style": func(value *yaml.Node) {
					settings.CacheMounts = r.OneOf(value, "!!str", "clean-up", "cache-mount") == "cache-mount"
				},
			})
		},
		"numeric-user": func(value *yaml.Node) {
			r.Mapping(value, strict.Keys{
				"add-user": func(value *yaml.Node) {
					settings.AddUser = fix.AddUserWhenSound
					if r.OneOf(value, "!!str", "never", "when-sound") == "never" {
						settings.AddUser = fix.AddUserNever
					}
				},
				"uid": func(value *yaml.Node) { settings.UserID = r.id(value) },
			})
		},
		"kubernetes-user": func(value *yaml.Node) {
			r.Mapping(value, strict.Keys{
				"restricted-profile": func(value *yaml.Node) { settings.RestrictedProfile = r.Bool(value) },
			})
		},
	}
}

func (r *reader) id(value *yaml.Node) int {
	var id int64
	if value.Tag != "!!int" || value.Decode(&id) != nil || id < 1 || id > maxID {
		r.Fail(value, "expected an ID from 1 to %d", maxID)
	}
	return int(id)
}

// patterns reads a list of .gitignore's patterns. One that git would take for a pattern
// which nothing matches is an error.
func (r *reader) patterns(node *yaml.Node) []string {
	var all []string
	r.Each(node, func(item *yaml.Node) {
		pattern := r.String(item)
		if _, err := path.Match(pattern, ""); err != nil {
			r.Fail(item, "the pattern %q has a [ without a ], or ends in a \\", pattern)
		}
		all = append(all, pattern)
	})
	return all
}

// paths reads a mapping to paths below the folder of the file.
func (r *reader) paths(node *yaml.Node, clean func(key string) string) map[string]string {
	paths := map[string]string{}
	r.Pairs(node, func(key string, value *yaml.Node) {
		name := r.String(value)
		if !r.Failed() && !filepath.IsLocal(filepath.FromSlash(name)) {
			r.Fail(value, "%q lies outside the folder of this file", name)
		}
		paths[clean(key)] = name
	})
	return paths
}
