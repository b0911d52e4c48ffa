package verify

import (
	debugelf "debug/elf"
	"io/fs"
	"maps"
	"path"
	"slices"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/verify/elf"
	"github.com/drydock-dev/drydock/internal/verify/image"
)

// What a build leaves beside a source that is dropped is not lost, under whatever name
// the source was copied.
func TestWhatIsMadeOfDroppedSourceIsNotLost(t *testing.T) {
	for _, c := range []struct {
		copied, file, made string
		lost               bool
	}{
		{"/code/pom.xml", "/code/pom.xml", "/code/target/classes/A.class", false},
		{"/code/pom.xml", "/code/pom.xml", "/srv/A.class", true},
		{"/code/", "/code/pom.xml", "/code/target/classes/A.class", false},
		{"/usr/local/bin/tool", "/usr/local/bin/tool", "/usr/local/bin/other", true},
		{"/pom.xml", "/pom.xml", "/target/classes/A.class", true},
	} {
		before := &image.Image{Flat: true, Files: map[string]*image.File{}}
		for _, name := range []string{c.file, c.made} {
			for dir := path.Dir(name); dir != "/"; dir = path.Dir(dir) {
				before.Files[dir] = &image.File{Mode: fs.ModeDir}
			}
			before.Files[name] = &image.File{}
		}
		compared := comparison{
			rewrite: Rewrite{Before: "FROM maven:3\nCOPY pom.xml " + c.copied + "\n", Changes: []fix.Change{{Kind: fix.DropCopy, Subject: "pom.xml"}}},
			bases:   bases{same: true}, before: &observation{image: before}, after: &observation{image: &image.Image{Flat: true}},
		}
		if compared.files(); (len(compared.found) > 0) != c.lost {
			t.Errorf("%s, %s: %v", c.copied, c.made, compared.found)
		}
	}
}

// What setuptools leaves behind and what goes to the prefix of another environment is
// not lost.
func TestWhatPythonPutsElsewhereIsNotLost(t *testing.T) {
	for _, c := range []struct {
		name, beside, after string
		lost                bool
	}{
		{"/usr/local/share/sip/defaults.ini", "/srv/setup.py", "/opt/venv/share/sip/defaults.ini", false},
		{"/usr/local/etc/sip.conf", "/srv/setup.py", "/opt/venv/etc/sip.conf", false},
		{"/usr/local/share/sip/defaults.ini", "/srv/setup.py", "/srv/share/sip/defaults.ini", true},
		{"/srv/build/lib/sip/index.html", "/srv/setup.py", "/srv/a", false},
		{"/srv/dist/sip-1.0-py3.11.egg", "/srv/setup.py", "/srv/a", false},
		{"/srv/dist/index.js", "/srv/setup.py", "/srv/a", true},
		{"/srv/build/lib/index.html", "/srv/package.json", "/srv/a", true},
	} {
		of := func(names ...string) *observation {
			i := &image.Image{Flat: true, Files: map[string]*image.File{}}
			for _, name := range names {
				i.Files[name] = &image.File{}
				for dir := path.Dir(name); dir != "/"; dir = path.Dir(dir) {
					i.Files[dir] = &image.File{Mode: fs.ModeDir}
				}
			}
			return &observation{image: i}
		}
		compared := comparison{
			rewrite: Rewrite{Before: "FROM python:3.11\n"}, bases: bases{same: true},
			before: of(c.name, c.beside), after: of(c.beside, "/opt/venv/pyvenv.cfg", c.after),
		}
		if compared.files(); (len(compared.found) > 0) != c.lost {
			t.Errorf("%s: %v", c.name, compared.found)
		}
	}
}

// Where a builder tells no layers, a lost file shows if both stand on one base image,
// and is not known else.
func TestLostFilesWithoutLayers(t *testing.T) {
	of := func(names ...string) *observation {
		i := &image.Image{Flat: true, Files: map[string]*image.File{}}
		for _, name := range names {
			i.Files[name] = &image.File{}
		}
		i.Files["/srv"] = &image.File{Mode: fs.ModeDir}
		return &observation{image: i}
	}
	for _, c := range []struct {
		base   string
		found  int
		unseen bool
	}{{"debian:12", 1, false}, {"debian:12-slim", 0, true}} {
		compared := comparison{
			rewrite: Rewrite{Before: "FROM debian:12\nCOPY . /srv\n"}, bases: bases{same: c.base == "debian:12"},
			before: of("/srv/a", "/srv/b", "/usr/share/doc/c"), after: of("/srv/a"),
		}
		if compared.files(); len(compared.found) != c.found || compared.unseenFiles != c.unseen {
			t.Errorf("on %s: %+v, unseen %v", c.base, compared.found, compared.unseenFiles)
		}
	}
}

// What a dropped install of a package manager brought is not lost; what any other
// install brought is.
func TestPackageManagersThatTheFixesDrop(t *testing.T) {
	for command, lost := range map[string]bool{
		"pip install poetry":              false,
		"pip install  --upgrade pip uv":   false,
		"pip install poetry flask":        true,
		"pip install -r requirements.txt": true,
	} {
		const file = "/usr/local/lib/python3.11/site-packages/a.py"
		before := &image.Image{Layers: make([]image.Layer, 2), Files: map[string]*image.File{file: {Layer: 1}}}
		before.Config.RootFS.DiffIDs = []digest.Digest{"sha256:base", "sha256:run"}
		before.Config.History = []ocispec.History{{CreatedBy: "base"}, {CreatedBy: "ENV A=b", EmptyLayer: true}, {CreatedBy: "RUN /bin/sh -c " + command + " # buildkit"}}
		compared := comparison{
			rewrite: Rewrite{
				Before:  "FROM python:3.11\nENV A=b\nRUN " + command + "\n",
				Changes: []fix.Change{{Kind: fix.DropCommand, Subject: oneLine(command)}},
			},
			before: &observation{image: before}, after: &observation{image: &image.Image{Files: map[string]*image.File{}}},
		}
		compared.bases.before.Config.RootFS.DiffIDs = []digest.Digest{"sha256:base"}
		if compared.files(); (len(compared.found) > 0) != lost {
			t.Errorf("%s: %v", command, compared.found)
		}
	}
}

// A plug-in that a package installs without the library that it only recommends is
// none of the rewrite's; a library that the application brought is.
func TestPluginsOfPackagesLackWhatTheyRecommend(t *testing.T) {
	const plugin, own = "/usr/lib/x86_64-linux-gnu/tc/q_atm.so", "/opt/venv/lib/_psycopg.so"
	of := func(libraries ...string) *observation {
		i := &image.Image{Flat: true, Files: map[string]*image.File{
			"/var/lib/dpkg/info/iproute2.list": {Text: []byte(plugin + "\n")},
			plugin:                             {Object: &elf.Object{Machine: debugelf.EM_X86_64, Needed: []string{"libatm.so.1"}}},
			own:                                {Object: &elf.Object{Machine: debugelf.EM_X86_64, Needed: []string{"libpq.so.5"}}},
		}}
		for _, name := range libraries {
			i.Files["/usr/lib/x86_64-linux-gnu/"+name] = &image.File{Object: &elf.Object{Machine: debugelf.EM_X86_64}}
		}
		for _, name := range slices.Collect(maps.Keys(i.Files)) {
			for dir := path.Dir(name); dir != "/"; dir = path.Dir(dir) {
				i.Files[dir] = &image.File{Mode: fs.ModeDir}
			}
		}
		return &observation{image: i}
	}
	compared := comparison{before: of("libatm.so.1", "libpq.so.5"), after: of()}
	compared.libraries()
	if len(compared.found) != 1 || compared.found[0].Subject != own {
		t.Errorf("found %v", compared.found)
	}
}
