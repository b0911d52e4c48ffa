package deploy

import (
	"fmt"
	"path"
	"slices"

	"github.com/drydock-dev/drydock/internal/project"
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
	named  map[string]string // Dockerfiles by image name, from the configuration
	files  map[string][]string
	unread map[string][]Unread
	lost   []Lost
}

// A reading is what a repository says, whoever asks.
type reading struct {
	images  map[string][]Built  // what is built under a name
	places  map[string][]Built  // what a compose service builds: "compose.yaml: web"
	renamed map[string][]string // the images that kustomize puts in the place of one
	runs    []run
	broken  []broken
}

// A run is a container, or a service, as it came.
type run struct {
	file  string
	line  int
	text  string // the image as it stands there, "" if there is none
	image string // its name
	place string // of a compose service
}

// broken is a document that does not parse and names images.
type broken struct {
	file, reason string
	images       []string
}

// Lost is a container whose image no Dockerfile is known for.
type Lost struct {
	File  string
	Line  int
	Image string // as it stands there
	// Reason says why: "nothing here is known to build docker.io/org/app".
	Reason string
}

// Unread is a file that names an image and does not parse, as templates do not.
type Unread struct{ File, Reason string }

// Of gives the index of a repository, which is read when it is first asked for.
// named are the Dockerfiles, as paths in the repository, that the user gives for
// image names; they go before what builders say.
func Of(repository *project.Repository, named map[string]string) *Index {
	if repository == nil {
		return newIndex(&reading{}, named)
	}
	type readingKey struct{}
	type indexKey struct{ named string }
	return repository.Memo(indexKey{fmt.Sprint(named)}, func() any {
		return newIndex(repository.Memo(readingKey{}, func() any { return read(repository) }).(*reading), named)
	}).(*Index)
}

func newIndex(r *reading, named map[string]string) *Index {
	x := &Index{reading: r, named: map[string]string{}, files: map[string][]string{}, unread: map[string][]Unread{}}
	for image, dockerfile := range named {
		x.named[project.ImageName(image)] = path.Clean(dockerfile)
	}
	seen := map[[2]string]bool{}
	for _, r := range x.runs {
		built, reason := x.of(r)
		switch at := [2]string{built.Dockerfile, r.file}; {
		case reason == "" && !seen[at]:
			seen[at] = true
			x.files[built.Dockerfile] = append(x.files[built.Dockerfile], r.file)
		case reason != "" && r.place == "" && r.text != "":
			x.lost = append(x.lost, Lost{File: r.file, Line: r.line, Image: r.text, Reason: reason})
		}
	}
	for _, files := range x.files {
		slices.Sort(files)
	}
	for _, b := range x.broken {
		for _, image := range b.images {
			built, reason := x.Image(image)
			if at := [2]string{built.Dockerfile, b.file}; reason == "" && !seen[at] {
				seen[at] = true
				x.unread[built.Dockerfile] = append(x.unread[built.Dockerfile], Unread{b.file, b.reason})
			}
		}
	}
	return x
}

// Files lists the files that run an image built from a Dockerfile, sorted.
func (x *Index) Files(dockerfile string) []string { return x.files[path.Clean(dockerfile)] }

// Unread lists the files that name an image built from a Dockerfile and do not
// parse.
func (x *Index) Unread(dockerfile string) []Unread { return x.unread[path.Clean(dockerfile)] }

// Lost lists the containers of manifests whose images no Dockerfile is known for.
func (x *Index) Lost() []Lost { return x.lost }

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
