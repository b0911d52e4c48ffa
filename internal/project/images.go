package project

import (
	"regexp"
	"slices"
	"strings"
)

// ImageName gives the name of an image reference without its tag and digest,
// as the engine spells it out: "nginx" is "docker.io/library/nginx". "" if a
// part of the name is computed.
func ImageName(reference string) string {
	name := strings.TrimSpace(expandDefaults(reference))
	name, _, _ = strings.Cut(name, "@")
	path := strings.LastIndexByte(name, '/') + 1
	if tag := strings.IndexByte(name[path:], ':'); tag >= 0 {
		name = name[:path+tag]
	}
	if name == "" || strings.ContainsAny(name, "${}()<>% \t\"'`") {
		return ""
	}
	host, rest, found := strings.Cut(name, "/")
	switch {
	case !found:
		return "docker.io/library/" + name
	case !strings.ContainsAny(host, ".:") && host != "localhost":
		return "docker.io/" + name
	case host == "index.docker.io":
		host = "docker.io"
	}
	if host == "docker.io" && !strings.Contains(rest, "/") {
		rest = "library/" + rest
	}
	return host + "/" + rest
}

// imageNames gives the names of references, without what is computed.
func imageNames(references []string) []string {
	var names []string
	for _, reference := range references {
		if name := ImageName(reference); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// tagList splits the tags input of docker/build-push-action, a list of lines or
// of values with commas between.
func tagList(tags string) []string {
	return strings.FieldsFunc(tags, func(r rune) bool { return r == '\n' || r == ',' })
}

var (
	metadataOutput = regexp.MustCompile(`\$\{\{\s*steps\.([A-Za-z0-9_-]+)\.outputs\.tags\s*\}\}`)
	envExpression  = regexp.MustCompile(`\$\{\{\s*env\.([A-Za-z0-9_]+)\s*\}\}`)
)

// metadataTags puts the images of docker/metadata-action in where its tags are
// used.
func metadataTags(tags string, metadata table) string {
	return metadataOutput.ReplaceAllStringFunc(tags, func(expression string) string {
		if images := metadata.string(metadataOutput.FindStringSubmatch(expression)[1]); images != "" {
			return images
		}
		return expression
	})
}

// expandEnv puts in what env of a workflow says, the last one that does.
func expandEnv(value string, env []table) string {
	return envExpression.ReplaceAllStringFunc(value, func(expression string) string {
		name := envExpression.FindStringSubmatch(expression)[1]
		for _, scope := range slices.Backward(env) {
			if v := scope.string(name); v != "" {
				return v
			}
		}
		return expression
	})
}

// variables are the assignments of a Makefile, a script or a CI file that give
// a name one value.
type variables map[string]string

var (
	assignment = regexp.MustCompile(`(?m)^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*(?::|\?|::)?=[ \t]*([^\n]*)$`)
	yamlEntry  = regexp.MustCompile(`(?m)^\s*([A-Z_][A-Z0-9_]*):[ \t]+([^\n]*)$`)
	reference  = regexp.MustCompile(`\$\(([A-Za-z_][A-Za-z0-9_]*)\)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-[^${}]*)?\}|\$([A-Za-z_][A-Za-z0-9_]*)`)
)

// assignments reads the variables of a file. One that is set twice to different
// values is none.
func assignments(text string) variables {
	if !strings.Contains(text, "build") {
		return nil
	}
	found := variables{}
	for _, pattern := range []*regexp.Regexp{assignment, yamlEntry} {
		for _, match := range pattern.FindAllStringSubmatch(text, -1) {
			value, _, _ := strings.Cut(match[2], " #")
			value = strings.Trim(strings.TrimSpace(value), `"'`)
			if earlier, twice := found[match[1]]; twice && earlier != value {
				value = "$"
			}
			found[match[1]] = value
		}
	}
	return found
}

// maxExpansions ends a circle of variables.
const maxExpansions = 5

// expand puts the values in. What has none stays.
func (v variables) expand(text string) string {
	for range maxExpansions {
		expanded := reference.ReplaceAllStringFunc(text, func(whole string) string {
			match := reference.FindStringSubmatch(whole)
			if value, ok := v[match[1]+match[2]+match[3]]; ok && len(value) < 1000 {
				return value
			}
			return whole
		})
		if expanded == text || len(expanded) > 10_000 {
			break
		}
		text = expanded
	}
	return text
}
