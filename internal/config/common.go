package config

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ParseCommon reads what the owner of repositories says for all of them: a
// configuration that names no path of one.
func ParseCommon(name string, text []byte, fixers []string) (*Config, error) {
	sum := sha256.Sum256(text)
	r := reader{fixers: fixers, config: &Config{Path: name, Sum: hex.EncodeToString(sum[:8])}}
	keys := r.keys()
	for _, key := range []string{"contexts", "images"} {
		keys[key] = func(value *yaml.Node) {
			r.Fail(value, "%s names paths of one repository, and this file is for all of an owner's", key)
		}
	}
	return r.parse(text, keys)
}

// ParseUnder is Parse in a repository whose owner says something for all of theirs:
// each only narrows what the other lets through. The settings of a fixer are the
// owner's where the repository has none. The repository's root stands for the file
// system's; no text says nothing. common may be nil.
func ParseUnder(common *Config, name string, text []byte, fixers []string) (*Config, error) {
	if common == nil {
		return Parse(name, text, fixers)
	}
	r := reader{fixers: fixers, config: &Config{Path: name, Settings: common.Settings, common: common}}
	c, err := r.parse(text, r.keys())
	if err != nil {
		return nil, err
	}
	if c.Only == nil {
		c.Only = common.Only
	} else if common.Only != nil {
		c.Only = slices.DeleteFunc(c.Only, func(name string) bool { return !slices.Contains(common.Only, name) })
	}
	c.Skip = slices.Concat(common.Skip, c.Skip)
	c.Safe = c.Safe || common.Safe
	return c, nil
}

// longestSaid bounds what is told of a value, in bytes.
const longestSaid = 300

// inline writes a value on one line.
func inline(value *yaml.Node) string {
	text, err := yaml.Marshal(flow(value))
	if err != nil {
		return "..."
	}
	line := strings.Join(strings.Fields(string(text)), " ")
	if len(line) > longestSaid {
		line = strings.ToValidUTF8(line[:longestSaid], "") + "..."
	}
	return line
}

// flow is a value without comments, in brackets.
func flow(value *yaml.Node) *yaml.Node {
	plain := &yaml.Node{Kind: value.Kind, Tag: value.Tag, Value: value.Value, Style: yaml.FlowStyle}
	for _, inner := range value.Content {
		plain.Content = append(plain.Content, flow(inner))
	}
	return plain
}
