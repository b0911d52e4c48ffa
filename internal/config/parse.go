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
	c := &Config{Path: name}
	r := reader{fixers: fixers, config: c}
	if err := r.Read(name, text, r.key); err != nil {
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

// key reads a key of the document.
func (r *reader) key(key string, value *yaml.Node) bool {
	c := r.config
	switch key {
	case "only":
		c.Only = r.Names(value, "fixer", r.fixers)
	case "skip":
		c.Skip = r.Names(value, "fixer", r.fixers)
	case "safe":
		c.Safe = r.Bool(value)
	case "pull-requests":
		c.NoPulls = !r.Bool(value)
	case "exclude":
		c.exclude = project.ParsePatterns(r.Strings(value))
	case "contexts":
		c.contexts = r.paths(value, path.Clean)
	case "images":
		c.images = r.paths(value, func(image string) string { return image })
	case "fixers":
		r.Mapping(value, r.fixer)
	default:
		return false
	}
	return true
}

// fixer reads the settings of a fixer. A fixer without settings has no key.
func (r *reader) fixer(name string, value *yaml.Node) bool {
	switch name {
	case "package-cleanup":
		r.Mapping(value, r.packageCleanup)
	case "numeric-user":
		r.Mapping(value, r.numericUser)
	case "kubernetes-user":
		r.Mapping(value, r.kubernetesUser)
	default:
		return false
	}
	return true
}

func (r *reader) packageCleanup(key string, value *yaml.Node) bool {
	if key != "style" {
		return false
	}
	r.config.Settings.CacheMounts = r.OneOf(value, "!!str", "clean-up", "cache-mount") == "cache-mount"
	return true
}

func (r *reader) numericUser(key string, value *yaml.Node) bool {
	switch key {
	case "add-user":
		if r.OneOf(value, "!!str", "never", "when-sound") == "never" {
			r.config.Settings.AddUser = fix.AddUserNever
		}
	case "uid":
		var id int64
		if value.Tag != "!!int" || value.Decode(&id) != nil || id < 1 || id > maxID {
			r.Fail(value, "expected an ID from 1 to %d", maxID)
		}
		r.config.Settings.UserID = int(id)
	default:
		return false
	}
	return true
}

func (r *reader) kubernetesUser(key string, value *yaml.Node) bool {
	if key != "restricted-profile" {
		return false
	}
	r.config.Settings.RestrictedProfile = r.Bool(value)
	return true
}

// paths reads a mapping to paths below the folder of the file.
func (r *reader) paths(node *yaml.Node, clean func(key string) string) map[string]string {
	paths := map[string]string{}
	r.Mapping(node, func(key string, value *yaml.Node) bool {
		name := r.String(value)
		if !r.Failed() && !filepath.IsLocal(filepath.FromSlash(name)) {
			r.Fail(value, "%q lies outside the folder of this file", name)
		}
		paths[clean(key)] = name
		return true
	})
	return paths
}
