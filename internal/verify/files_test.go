package verify

import (
	"io/fs"
	"path"
	"testing"

	"github.com/drydock-dev/drydock/internal/fix"
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
