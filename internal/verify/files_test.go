package verify

import (
	"io/fs"
	"testing"

	"github.com/drydock-dev/drydock/internal/verify/image"
)

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
