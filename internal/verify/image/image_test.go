package image

import (
	"archive/tar"
	"bytes"
	"io/fs"
	"strings"
	"testing"
)

// tarOf makes a layer.
func tarOf(t *testing.T, headers ...tar.Header) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		content := make([]byte, h.Size)
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

func layers(t *testing.T, all ...*bytes.Buffer) *Image {
	t.Helper()
	i := &Image{Files: map[string]*File{}}
	for _, b := range all {
		l, err := readLayer(b)
		if err != nil {
			t.Fatal(err)
		}
		i.add(l)
	}
	return i
}

func dir(name string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755}
}

func file(name string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeReg, Size: 3}
}

func TestWhiteoutsRemove(t *testing.T) {
	i := layers(t,
		tarOf(t, dir("a/"), file("a/one"), file("a/two"), dir("b/"), file("b/one"), file("c")),
		tarOf(t, file("a/.wh.one"), file("b/.wh..wh..opq"), file("b/new"), file(".wh.c")))
	for name, want := range map[string]bool{"/a/one": false, "/a/two": true, "/b/one": false, "/b/new": true, "/b": true, "/c": false} {
		if got := i.Files[name] != nil; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestResolveFollowsLinksOfFolders(t *testing.T) {
	link := func(name, to string) tar.Header {
		return tar.Header{Name: name, Linkname: to, Typeflag: tar.TypeSymlink}
	}
	i := layers(t, tarOf(t, dir("usr"), dir("usr/lib"), file("usr/lib/x.so.1"), link("usr/lib/x.so", "x.so.1"), link("lib", "usr/lib"),
		link("up", "../../usr/lib"), link("loop", "loop"), link("gone", "/nowhere")))
	for name, want := range map[string]string{
		"/lib/x.so": "/usr/lib/x.so.1", "/up/x.so": "/usr/lib/x.so.1", "/lib/../lib/x.so.1": "/usr/lib/x.so.1", "/loop": "", "/gone": "", "/usr/lib/y": "",
	} {
		if got, _ := i.Resolve(name); got != want {
			t.Errorf("%s leads to %q, want %q", name, got, want)
		}
	}
}

func TestWritableAsksTheModeOfTheNearest(t *testing.T) {
	i := &Image{Files: map[string]*File{
		"/": {Mode: fs.ModeDir | 0o755}, "/own": {Mode: fs.ModeDir | 0o755, UID: 7}, "/group": {Mode: fs.ModeDir | 0o775, GID: 8},
		"/all": {Mode: fs.ModeDir | 0o777}, "/own/fixed": {Mode: 0o444, UID: 7},
	}}
	for name, want := range map[string]bool{"/own/x": true, "/group/x": true, "/all/x": true, "/x": false, "/own/fixed": false, "/own/no/x": false} {
		if got := i.Writable(name, 7, 8); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if !i.Writable("/x", 0, 0) {
		t.Error("root cannot write")
	}
}

func TestAccounts(t *testing.T) {
	i := &Image{Files: map[string]*File{
		"/etc/passwd": {Text: []byte("root:x:0:0::/root:/bin/sh\napp:x:1001:1002::/app:/bin/sh\n")},
		"/etc/group":  {Text: []byte("web:x:33:\n")},
	}}
	for user, want := range map[string][2]int{"": {0, 0}, "app": {1001, 1002}, "1001": {1001, 1002}, "5000": {5000, 0}, "app:web": {1001, 33}, "1001:44": {1001, 44}} {
		if uid, gid, ok := i.Account(user); !ok || uid != want[0] || gid != want[1] {
			t.Errorf("%q: %d:%d %v, want %v", user, uid, gid, ok, want)
		}
	}
	if _, _, ok := i.Account("nobody"); ok {
		t.Error("an account that is not there is found")
	}
}

// An archive comes from a builder that ran a stranger's Dockerfile.
func FuzzReadArchive(f *testing.F) {
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, blob []byte) {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, name := range []string{"blobs/sha256/a", "index.json"} {
			if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(blob)), Mode: 0o644}); err != nil {
				t.Skip()
			}
			if _, err := w.Write(blob); err != nil {
				t.Skip()
			}
		}
		w.Close()
		if i, err := ReadArchive(&b, nil); err == nil {
			i.Resolve("/a/b")
			i.Packages()
		}
	})
}

// A layer that was read is not read again, whatever its blob holds now.
func TestKnownLayersAreNotReadAgain(t *testing.T) {
	known := &Known{}
	first, second := archive{layers: map[string]*layer{}, known: known}, archive{layers: map[string]*layer{}, known: known}
	if err := first.blob("sha256:a", tarOf(t, file("f"))); err != nil {
		t.Fatal(err)
	}
	if err := second.blob("sha256:a", strings.NewReader("not read")); err != nil {
		t.Fatal(err)
	}
	if l := second.layers["sha256:a"]; l == nil || l != first.layers["sha256:a"] || second.total != l.size {
		t.Errorf("%v", l)
	}
	known.keep("sha256:b", &layer{entries: make([]entry, maxKnown)})
	if known.layer("sha256:a") != nil || known.layer("sha256:b") == nil {
		t.Error("what is known has no bound")
	}
}
