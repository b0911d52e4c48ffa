package deploy

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// A Built says what an image is built from.
type Built struct {
	Dockerfile string // its path in the repository
	Target     string // the stage that --target names; "" for the last one
	// By names the builder: "compose.yaml: web".
	By string
}

// An Index knows the images that a repository builds, and the files that run
// them. It is safe for use from several goroutines.
type Index struct {
	*reading
	named map[string]string // Dockerfiles by image name, from the configuration
}

// A reading is what a repository says, whoever asks.
type reading struct {
	images  map[string][]Built  // what is built under a name
	places  map[string][]Built  // what a compose service builds: "compose.yaml: web"
	renamed map[string][]string // the images that kustomize puts in the place of one
	runs    []run
	unread  []unread
}

// unread is a document that does not parse, in a file that may run containers.
type unread struct{ file, text, reason string }

// A run is a container, or a service, as it came.
type run struct {
	file  string
	line  int
	text  string // the image as it stands there, "" if there is none
	image string // its name
	place string // of a compose service
}

// Lost is a container whose image no Dockerfile is known for.
type Lost struct {
	File  string
	Line  int
	Image string // as it stands there
	// Reason says why: "nothing here is known to build docker.io/org/app".
	Reason string
}

// Of gives the index of a repository, which is read when it is first asked for.
// named are the Dockerfiles, as paths in the repository, that the user gives for
// image names; they go before what builders say.
func Of(repository *project.Repository, named map[string]string) *Index {
	x := &Index{reading: &reading{}, named: map[string]string{}}
	for image, dockerfile := range named {
		x.named[project.ImageName(image)] = path.Clean(dockerfile)
	}
	type key struct{}
	if repository != nil {
		x.reading = repository.Memo(key{}, func() any { return read(repository) }).(*reading)
	}
	return x
}

// Files lists the files that run an image built from a Dockerfile, sorted.
func (x *Index) Files(dockerfile string) []string {
	var files []string
	for _, r := range x.runs {
		if built, reason := x.of(r); reason == "" && built.Dockerfile == path.Clean(dockerfile) && !slices.Contains(files, r.file) {
			files = append(files, r.file)
		}
	}
	slices.Sort(files)
	return files
}

// Lost lists the containers of manifests whose images no Dockerfile is known for.
func (x *Index) Lost() []Lost {
	var lost []Lost
	for _, r := range x.runs {
		if _, reason := x.of(r); reason != "" && r.place == "" && r.text != "" && !IsValues(r.file) {
			lost = append(lost, Lost{File: r.file, Line: r.line, Image: r.text, Reason: reason})
		}
	}
	return lost
}

// Images lists the names of the images that manifests and values run.
func (x *Index) Images() []string {
	var names []string
	for _, r := range x.runs {
		if r.place == "" && r.image != "" && !slices.Contains(names, r.image) {
			names = append(names, r.image)
		}
	}
	slices.Sort(names)
	return names
}

// Unread lists the files that name an image built from a Dockerfile and do not
// parse, most of them templates, with the reason.
func (x *Index) Unread(dockerfile string) [][2]string {
	var names []string
	for name := range x.images {
		names = append(names, name)
	}
	for name := range x.named {
		names = append(names, name)
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		built, reason := x.Image(name)
		return reason != "" || built.Dockerfile != path.Clean(dockerfile)
	})
	var found [][2]string
	for _, u := range x.unread {
		named := slices.ContainsFunc(names, func(name string) bool {
			short := strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/")
			return strings.Contains(u.text, "image: "+short) || strings.Contains(u.text, "image: \""+short)
		})
		if named && !slices.Contains(found, [2]string{u.file, u.reason}) {
			found = append(found, [2]string{u.file, u.reason})
		}
	}
	return found
}

func (x *Index) of(r run) (Built, string) {
	if builds := x.places[r.place]; r.place != "" && len(builds) > 0 {
		return one(builds, r.place)
	}
	return x.Image(r.image)
}

// Image says what the image of a name, as [project.ImageName] gives it, is built
// from. The reason says why nothing is known.
func (x *Index) Image(name string) (built Built, reason string) {
	if name == "" {
		return Built{}, "the image's name is computed"
	}
	var builds []Built
	for _, name := range append([]string{name}, x.renamed[name]...) {
		if dockerfile, ok := x.named[name]; ok {
			return Built{Dockerfile: dockerfile, By: "the configuration"}, ""
		}
		builds = append(builds, x.images[name]...)
	}
	return one(builds, name)
}

// Service says what a service of a compose file runs: what it builds, or else
// what its image is built from.
func (x *Index) Service(file string, s Service) (Built, string) {
	return x.of(run{image: s.Image, place: place(file, s)})
}

func place(file string, s Service) string { return file + ": " + s.Name }

// one gives the only thing that builds a name.
func one(builds []Built, name string) (Built, string) {
	if len(builds) == 0 {
		return Built{}, "nothing here is known to build " + name
	}
	for _, other := range builds[1:] {
		if other.Dockerfile != builds[0].Dockerfile || other.Target != builds[0].Target {
			return Built{}, fmt.Sprintf("%s is built by %s and by %s", name, builds[0].By, other.By)
		}
	}
	return builds[0], ""
}

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
		built := Built{Dockerfile: builder.Dockerfile, Target: builder.Target, By: builder.Where}
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
		if !mayRun(name) || count == maxFiles || bytes > maxBytes || len(x.runs) > maxRuns {
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

func (x *reading) readFile(name, content string) {
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
			x.unread = append(x.unread, unread{name, part, "it does not parse: " + strings.TrimPrefix(err.Error(), "yaml: ")})
		}
		for _, document := range documents {
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
	}
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

// Template says why a file of manifests is a template although it parses, "" if
// it is none.
func Template(f *yamledit.File) string {
	for _, document := range f.Documents {
		if n := templated(document); n != nil {
			return fmt.Sprintf("it is a template: line %d has ${", n.Line)
		}
	}
	return ""
}
