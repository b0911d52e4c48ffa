package project

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// baseMatches reports whether the last element of name matches a pattern.
func baseMatches(name string, patterns ...string) bool {
	for _, pattern := range patterns {
		if ok, _ := path.Match(pattern, path.Base(name)); ok {
			return true
		}
	}
	return false
}

// IsCompose reports whether a file of this name holds compose services.
func IsCompose(name string) bool {
	return baseMatches(name, "docker-compose*.yml", "docker-compose*.yaml", "compose*.yml", "compose*.yaml",
		"*.docker-compose.yml", "*.docker-compose.yaml")
}

func isSkaffold(name string) bool { return baseMatches(name, "skaffold*.yaml", "skaffold*.yml") }

func isBakeJSON(name string) bool { return baseMatches(name, "docker-bake*.json") }

// documents parses a YAML file of one or more documents. What is malformed
// ends the list.
func documents(text string) []table {
	var docs []table
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var doc map[string]any
		if err := decoder.Decode(&doc); err != nil {
			return docs
		}
		docs = append(docs, doc)
	}
}

// composeBuilders reads services.*.build (Compose Build Specification):
// context is relative to the compose file, dockerfile to the context.
func composeBuilders(file builderFile) []Builder {
	var builders []Builder
	for _, doc := range documents(file.text) {
		services := doc.table("services")
		for _, name := range services.keys() {
			service, _ := services[name].(map[string]any)
			build, ok := service["build"]
			if !ok {
				continue
			}
			fields := table{}
			switch build := build.(type) {
			case string:
				fields["context"] = build
			case map[string]any:
				fields = build
			}
			if fields["dockerfile_inline"] != nil {
				continue
			}
			where := file.name + ": " + name
			read := composeFields(fields)
			read.images = imageNames(append(fields.strings("tags"), table(service).string("image")))
			builders = appendBuilder(builders, where, path.Dir(file.name), read)
		}
	}
	return builders
}

// buildFields are the fields that compose, bake and skaffold share.
type buildFields struct {
	context, dockerfile, target string
	args                        map[string]string
	images                      []string
}

func composeFields(fields table) buildFields {
	return buildFields{
		context:    expandDefaults(fields.string("context")),
		dockerfile: expandDefaults(fields.string("dockerfile")),
		target:     expandDefaults(fields.string("target")),
		args:       literalArgs(fields["args"]),
	}
}

// appendBuilder resolves fields whose context is relative to dir and whose
// dockerfile is relative to the context.
func appendBuilder(builders []Builder, where, dir string, fields buildFields) []Builder {
	context, ok := resolve(dir, fields.context)
	if !ok {
		return builders
	}
	dockerfile, ok := dockerfileIn(context, fields.dockerfile)
	if !ok {
		return builders
	}
	builder := Builder{Where: where, Dockerfile: dockerfile, Context: context, Args: fields.args, Images: fields.images}
	builder.setTarget(fields.target)
	return append(builders, builder)
}

var defaultedVariable = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*:?-([^${}]*)\}`)

// expandDefaults takes the default of "${NAME:-default}". Other variables
// stay, and make the value one that is not literal.
func expandDefaults(value string) string {
	return defaultedVariable.ReplaceAllString(value, "$1")
}

// literalArgs reads build arguments given as a mapping or as NAME=value.
func literalArgs(value any) map[string]string {
	args := map[string]string{}
	add := func(name, value string) {
		if !strings.Contains(value, "$") {
			args[name] = value
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for name, v := range value {
			switch v := v.(type) {
			case string:
				add(name, v)
			case int, float64, bool:
				add(name, fmt.Sprint(v))
			}
		}
	case []any:
		for _, item := range stringsOf(value) {
			if name, v, ok := strings.Cut(item, "="); ok {
				add(name, v)
			}
		}
	}
	if len(args) == 0 {
		return nil
	}
	return args
}

// skaffoldBuilders reads build.artifacts, those of profiles too: context and
// the dockerfile in it (skaffold.yaml reference).
func skaffoldBuilders(file builderFile) []Builder {
	var builders []Builder
	for _, doc := range documents(file.text) {
		sections := []table{doc}
		profiles, _ := doc["profiles"].([]any)
		for _, profile := range profiles {
			section, _ := profile.(map[string]any)
			sections = append(sections, section)
		}
		for _, section := range sections {
			artifacts, _ := section.at("build", "artifacts").([]any)
			for _, item := range artifacts {
				artifact, _ := item.(map[string]any)
				builders = appendArtifact(builders, file, artifact)
			}
		}
	}
	return builders
}

func appendArtifact(builders []Builder, file builderFile, artifact table) []Builder {
	for _, other := range []string{"buildpacks", "bazel", "jib", "ko", "custom"} {
		if _, ok := artifact[other]; ok {
			return builders
		}
	}
	docker := artifact.table("docker")
	if kaniko := artifact.table("kaniko"); kaniko != nil {
		docker = kaniko
	}
	where := file.name
	if image := artifact.string("image"); image != "" {
		where += ": " + image
	}
	return appendBuilder(builders, where, path.Dir(file.name), buildFields{
		context:    artifact.string("context"),
		dockerfile: docker.string("dockerfile"),
		target:     docker.string("target"),
		args:       literalArgs(docker["buildArgs"]),
		images:     imageNames([]string{artifact.string("image")}),
	})
}

// bakeJSONBuilders reads docker-bake.json.
func bakeJSONBuilders(file builderFile) []Builder {
	var doc table
	if json.Unmarshal([]byte(file.text), &doc) != nil {
		return nil
	}
	return bakeBuilders(file, doc.table("target"))
}

// bakeBuilders reads the targets of a bake file, following inherits; a later
// parent wins over an earlier one, and the target itself over both (Bake file
// reference). Paths are relative to where bake runs, taken as the file's
// folder.
func bakeBuilders(file builderFile, targets table) []Builder {
	var builders []Builder
	for _, name := range targets.keys() {
		merged := table{}
		inherit(merged, targets, name, 0)
		if merged["dockerfile-inline"] != nil {
			continue
		}
		fields := buildFields{
			context:    merged.string("context"),
			dockerfile: merged.string("dockerfile"),
			target:     merged.string("target"),
			args:       literalArgs(map[string]any(merged.table("args"))),
			images:     imageNames(merged.strings("tags")),
		}
		builders = appendBuilder(builders, file.name+": "+name, path.Dir(file.name), fields)
	}
	return builders
}

// maxInherits ends a circle of bake targets that inherit from each other.
const maxInherits = 10

func inherit(into, targets table, name string, depth int) {
	target := targets.table(name)
	if depth > maxInherits {
		return
	}
	for _, parent := range target.strings("inherits") {
		inherit(into, targets, parent, depth+1)
	}
	for key, value := range target {
		into[key] = value
	}
}
