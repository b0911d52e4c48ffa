package gittest

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Bare makes a bare repository with one commit of files on the branch main, none
// for an empty one. A path that ends in "*" is executable; a text that begins with
// "-> " makes a symlink. It writes what git would, without starting it, and what git
// would not: a path with "..".
func Bare(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	b := bare{t: t, dir: dir}
	b.write("HEAD", []byte("ref: refs/heads/main\n"))
	b.write("config", []byte("[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n[http]\n\treceivepack = true\n"))
	for _, name := range []string{"objects", "refs/heads"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if len(files) == 0 {
		return
	}
	all := map[string]string{}
	for name, text := range files {
		all[name] = text
	}
	when, err := time.Parse(time.RFC3339, date)
	if err != nil {
		t.Fatal(err)
	}
	who := fmt.Sprintf("%s <%s> %d +0000", human, humanMail, when.Unix())
	commit := b.object("commit", fmt.Appendf(nil, "tree %s\nauthor %s\ncommitter %s\n\nfirst\n", b.tree(all), who, who))
	b.write("refs/heads/main", []byte(commit+"\n"))
}

// bare writes into a repository.
type bare struct {
	t   testing.TB
	dir string
}

func (b bare) write(name string, text []byte) {
	path := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// object writes a loose object and gives its name.
func (b bare) object(kind string, text []byte) string {
	whole := append(fmt.Appendf(nil, "%s %d\x00", kind, len(text)), text...)
	sum := sha1.Sum(whole)
	name := hex.EncodeToString(sum[:])
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	if err != nil {
		b.t.Fatal(err)
	}
	z.Write(whole) // a bytes.Buffer takes everything
	z.Close()
	b.write("objects/"+name[:2]+"/"+name[2:], packed.Bytes())
	return name
}

// tree writes a folder of files, by their paths from there.
func (b bare) tree(files map[string]string) string {
	type entry struct{ mode, name, hash string }
	var entries []entry
	below := map[string]map[string]string{}
	for name, text := range files {
		first, rest, nested := strings.Cut(name, "/")
		if nested {
			if below[first] == nil {
				below[first] = map[string]string{}
			}
			below[first][rest] = text
			continue
		}
		e := entry{mode: "100644", name: first}
		if target, link := strings.CutPrefix(text, "-> "); link {
			e.mode, text = "120000", target
		} else if plain, executable := strings.CutSuffix(first, "*"); executable {
			e.mode, e.name = "100755", plain
		}
		e.hash = b.object("blob", []byte(text))
		entries = append(entries, e)
	}
	for name, files := range below {
		entries = append(entries, entry{"40000", name, b.tree(files)})
	}
	order := func(e entry) string { // git's: a folder as if its name ended in a slash
		if e.mode == "40000" {
			return e.name + "/"
		}
		return e.name
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(order(a), order(b)) })
	var text bytes.Buffer
	for _, e := range entries {
		raw, err := hex.DecodeString(e.hash)
		if err != nil {
			b.t.Fatal(err)
		}
		fmt.Fprintf(&text, "%s %s\x00%s", e.mode, e.name, raw)
	}
	return b.object("tree", text.Bytes())
}
