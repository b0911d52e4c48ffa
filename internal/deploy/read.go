package deploy

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// Bounds of what is read for manifests.
const (
	maxFiles    = 20_000
	maxFileSize = 1 << 20
	maxBytes    = 64 << 20
	maxRuns     = 50_000
)

func read(repository *project.Repository) *reading {
	x := &reading{images: map[string][]Built{}, places: map[string][]Built{}, renamed: map[string][]string{}}
	for _, builder := range repository.Builders() {
		built := Built{Dockerfile: builder.Dockerfile, Target: builder.Target, By: builder.Where, dir: folderOf(builder.File)}
		if builder.UnknownTarget {
			built.Target = "$"
		}
		x.places[builder.Where] = append(x.places[builder.Where], built)
		for _, name := range builder.Images {
			x.images[name] = append(x.images[name], built)
		}
	}
	count, bytes := 0, 0
	for _, name := range repository.Sources() {
		if !mayRun(name) || repository.IsIgnored(name) || count == maxFiles || bytes > maxBytes || len(x.runs) > maxRuns {
			continue
		}
		count++
		content, err := repository.Read(name)
		if err != nil || len(content) > maxFileSize {
			continue
		}
		bytes += len(content)
		x.readFile(name, content)
	}
	return x
}

// mayRun reports whether a file of this name may run containers.
func mayRun(name string) bool {
	return (strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")) && !strings.HasPrefix(name, ".github/") || isKustomization(name)
}

var openShiftGroup = regexp.MustCompile(`(?m)^[^#\n]*\bopenshift\.io/`)

func (x *reading) readFile(name, content string) {
	if x.openShift == "" && strings.Contains(content, "openshift.io/") && openShiftGroup.MatchString(content) {
		x.openShift = name
	}
	switch {
	case isKustomization(name):
		x.rename(content)
	case project.IsCompose(name):
		for _, document := range parse(content) {
			for _, s := range Services(document) {
				x.runs = append(x.runs, run{file: name, line: s.Node.Line, image: s.Image, place: place(name, s)})
			}
		}
	case IsValues(name):
		for _, document := range parse(content) {
			for _, v := range Values(document) {
				x.runs = append(x.runs, run{file: name, line: v.At.Line, image: v.Image})
			}
		}
	case strings.Contains(content, "ontainers"):
		x.readManifest(name, content)
	}
}

func (x *reading) readManifest(name, content string) {
	line := 1
	for _, part := range split(content) {
		first := line
		line += strings.Count(part, "\n")
		if !strings.Contains(part, "ontainers") || !strings.Contains(part, "kind") {
			continue
		}
		documents, err := parseAll(part)
		if err != nil {
			at, message := yamledit.Malformed(part, err)
			x.broken = append(x.broken, broken{name, fmt.Sprintf("it does not parse: line %d: %s", first-1+at.Line, message), imagesIn(part)})
		}
		for _, document := range documents {
			x.readWorkloads(name, first, document)
		}
	}
}

// readWorkloads notes the containers of a document that begins at a line of a file.
func (x *reading) readWorkloads(name string, first int, document *yaml.Node) {
	for _, workload := range Workloads(document) {
		for _, c := range workload.Containers {
			r := run{file: name, line: first + c.At.Line - 1, image: c.Image}
			if c.At != c.Node {
				r.text = c.At.Value
			}
			x.runs = append(x.runs, r)
		}
	}
}

var imageLine = regexp.MustCompile(`(?m)^[ \t-]*image:[ \t]*["']?([^ \t\r\n"']+)`)

// imagesIn lists the images that a text names, whether it parses or not.
func imagesIn(text string) []string {
	var names []string
	for _, match := range imageLine.FindAllStringSubmatch(text, -1) {
		reference, _, _ := strings.Cut(match[1], "{{") // the tag of a template
		if name := project.ImageName(strings.TrimRight(reference, ":@")); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// split cuts a file into its documents, at the lines that begin one. No scalar
// holds such a line: a document ends there whatever it is in.
func split(text string) []string {
	var parts []string
	start := 0
	for at := 0; at < len(text); {
		next := strings.IndexByte(text[at:], '\n')
		if next < 0 {
			break
		}
		at += next + 1
		if rest, ok := strings.CutPrefix(text[at:], "---"); ok && (rest == "" || strings.IndexByte(" \t\r\n", rest[0]) >= 0) {
			parts = append(parts, text[start:at])
			start = at
		}
	}
	return append(parts, text[start:])
}

// parse reads the documents of a text up to the first that is no YAML.
func parse(text string) []*yaml.Node {
	all, _ := parseAll(text)
	return all
}

func parseAll(text string) ([]*yaml.Node, error) {
	var all []*yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		document := &yaml.Node{}
		err := decoder.Decode(document)
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil || len(document.Content) == 0:
			return all, err
		}
		all = append(all, document)
	}
}
