package deploy

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/project"
)

// A Built says what an image is built from.
type Built struct {
	Dockerfile string // its path in the repository
	Target     string // the stage that --target names; "" for the last one
	// By names the builder: "compose.yaml: web".
	By string

	dir string // the folder that the builder is about
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
	// openShift is a file with resources of OpenShift, "" if there is none.
	openShift string
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
	// Dockerfiles are those that are known to build such a name, if not which.
	Dockerfiles []string
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
	return project.Memo(repository, indexKey{fmt.Sprint(named)}, func() *Index {
		return newIndex(project.Memo(repository, readingKey{}, func() *reading { return read(repository) }), named)
	})
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
			x.lost = append(x.lost, Lost{File: r.file, Line: r.line, Image: r.text, Reason: reason, Dockerfiles: x.dockerfiles(r.image)})
		}
	}
	for _, files := range x.files {
		slices.Sort(files)
	}
	for _, b := range x.broken {
		for _, image := range b.images {
			built, reason := x.Image(image, b.file)
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

// OpenShift gives a file with resources of OpenShift, "" if there is none. Its
// default policy gives each project users of its own, and refuses a pod that asks
// for another (OpenShift, "Managing security context constraints", restricted-v2).
func (x *Index) OpenShift() string { return x.openShift }

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
	return x.Image(r.image, r.file)
}

// Image says what the image of a name, as [project.ImageName] gives it, is built
// from where a file runs it. The reason says why nothing is known.
//
// Where several Dockerfiles give one name, as the projects of a repository of
// examples do, the builder counts whose folder the file lies in, the innermost one.
// A name without registry and owner, such as "frontend", is known in its builder's
// folder alone.
func (x *Index) Image(name, file string) (built Built, reason string) {
	if name == "" {
		return Built{}, "the image's name is computed"
	}
	for _, name := range append([]string{name}, x.renamed[name]...) {
		if dockerfile, ok := x.named[name]; ok {
			return Built{Dockerfile: dockerfile, By: "the configuration"}, ""
		}
	}
	builds := x.builds(name)
	if built, reason = one(builds, name); reason == "" && !strings.HasPrefix(name, "docker.io/library/") {
		return built, ""
	}
	innermost := -1
	var near []Built
	for _, b := range builds {
		switch depth := len(b.dir); {
		case !within(file, b.dir) || depth < innermost:
		case depth > innermost:
			innermost, near = depth, []Built{b}
		default:
			near = append(near, b)
		}
	}
	if len(near) == 0 && reason == "" {
		return Built{}, fmt.Sprintf("%s builds %s elsewhere", built.By, name)
	}
	if len(near) == 0 {
		return Built{}, reason
	}
	return one(near, name)
}

func (x *Index) builds(name string) []Built {
	var builds []Built
	for _, name := range append([]string{name}, x.renamed[name]...) {
		builds = append(builds, x.images[name]...)
	}
	return builds
}

func (x *Index) dockerfiles(name string) []string {
	var all []string
	for _, b := range x.builds(name) {
		if !slices.Contains(all, b.Dockerfile) {
			all = append(all, b.Dockerfile)
		}
	}
	return all
}

// Service says what a service of a compose file runs: what it builds, or else
// what its image is built from.
func (x *Index) Service(file string, s Service) (Built, string) {
	return x.of(run{file: file, image: s.Image, place: place(file, s)})
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

// toolFolders hold builders that are about the folder around them.
var toolFolders = []string{".github", "workflows", ".circleci", ".gitlab", "build", "ci", "docker", "hack", "make", "scripts", "tools"}

// folderOf is the folder that a builder is about: its own, or the one around the
// folders of tools; "" for the repository.
func folderOf(builder string) string {
	dir := path.Dir(builder)
	for slices.Contains(toolFolders, path.Base(dir)) {
		dir = path.Dir(dir)
	}
	if dir == "." {
		return ""
	}
	return dir
}

func within(file, dir string) bool { return dir == "" || strings.HasPrefix(file, dir+"/") }
