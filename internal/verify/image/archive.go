package image

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/drydock-dev/drydock/internal/verify/elf"
)

// Bounds of what is read of one image.
const (
	maxFiles    = 2_000_000
	maxDocument = 8 << 20   // of a manifest or configuration
	maxObject   = 512 << 20 // of an ELF file
	maxText     = 16 << 20  // of a file that is read whole
	maxArchive  = 200 << 30 // of all layers together, uncompressed
)

// ReadArchive reads an image as an OCI archive, a tar stream, as builders export
// it. The stream is read once and to its end. Layers that known has are not read
// again; nil knows none.
func ReadArchive(r io.Reader, known *Known) (*Image, error) {
	a := archive{documents: map[string][]byte{}, layers: map[string]*layer{}, known: known}
	err := a.read(tar.NewReader(bufio.NewReaderSize(r, 1<<20)))
	if err != nil {
		return nil, fmt.Errorf("read the image: %w", err)
	}
	// An exporter waits for its last blocks to be taken.
	if _, err := io.Copy(io.Discard, r); err != nil {
		return nil, fmt.Errorf("read the image: %w", err)
	}
	return a.image()
}

// ReadRootfs reads an image whose layers the builder does not give: one tar
// stream of the root file system.
func ReadRootfs(r io.Reader, config Config) (*Image, error) {
	l, err := readLayer(r)
	if err != nil {
		return nil, fmt.Errorf("read the root file system: %w", err)
	}
	i := &Image{Config: config, Flat: true, Files: map[string]*File{}}
	i.add(l)
	return i, nil
}

// An archive is what was read of an OCI archive.
type archive struct {
	index     ocispec.Index
	documents map[string][]byte // JSON blobs by digest
	layers    map[string]*layer // by digest
	known     *Known
	total     int64
}

func (a *archive) read(t *tar.Reader) error {
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := path.Clean(h.Name)
		algorithm, hex, isBlob := strings.Cut(strings.TrimPrefix(name, "blobs/"), "/")
		switch {
		case name == "index.json":
			text, err := limited(t, maxDocument)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(text, &a.index); err != nil {
				return fmt.Errorf("index.json: %w", err)
			}
		case strings.HasPrefix(name, "blobs/") && isBlob && h.Typeflag == tar.TypeReg:
			if err := a.blob(algorithm+":"+hex, t); err != nil {
				return fmt.Errorf("blob %s: %w", hex, err)
			}
		}
	}
}

// blob reads a document or a layer. What it is only its first bytes tell, since
// the manifest may come later.
func (a *archive) blob(digest string, r io.Reader) error {
	if l := a.known.layer(digest); l != nil {
		return a.add(digest, l)
	}
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var layerOf io.Reader = b
	switch {
	case bytes.HasPrefix(head, []byte("{")):
		a.documents[digest], err = limited(b, maxDocument)
		return err
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(b)
		if err != nil {
			return err
		}
		layerOf = z
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxWindow(256<<20))
		if err != nil {
			return err
		}
		defer z.Close()
		layerOf = z
	}
	l, err := readLayer(layerOf)
	if err != nil {
		return err
	}
	a.known.keep(digest, l)
	return a.add(digest, l)
}

// add notes a layer.
func (a *archive) add(digest string, l *layer) error {
	a.total += l.size
	if a.total > maxArchive {
		return errors.New("the image is too large")
	}
	a.layers[digest] = l
	return nil
}

// image puts the parts together.
func (a *archive) image() (*Image, error) {
	m, err := a.manifest(a.index.Manifests, 0)
	if err != nil {
		return nil, err
	}
	i := &Image{Files: map[string]*File{}}
	if err := json.Unmarshal(a.documents[m.Config.Digest.String()], &i.Config); err != nil {
		return nil, fmt.Errorf("the image's configuration: %w", err)
	}
	for _, d := range m.Layers {
		l := a.layers[d.Digest.String()]
		if l == nil {
			return nil, fmt.Errorf("the image lacks its layer %s", d.Digest)
		}
		i.add(l)
	}
	return i, nil
}

// manifest finds the image's manifest, through nested indices. Attestations are
// passed over.
func (a *archive) manifest(descriptors []ocispec.Descriptor, depth int) (*ocispec.Manifest, error) {
	for _, d := range descriptors {
		text, ok := a.documents[d.Digest.String()]
		if !ok || d.Annotations["vnd.docker.reference.type"] != "" || depth > 4 {
			continue
		}
		var both struct {
			ocispec.Manifest
			Manifests []ocispec.Descriptor `json:"manifests"`
		}
		if err := json.Unmarshal(text, &both); err != nil {
			return nil, fmt.Errorf("manifest %s: %w", d.Digest, err)
		}
		if len(both.Manifests) > 0 {
			return a.manifest(both.Manifests, depth+1)
		}
		return &both.Manifest, nil
	}
	return nil, errors.New("the archive holds no image")
}

// A layer is what one layer's tar stream holds.
type layer struct {
	entries []entry
	size    int64
}

type entry struct {
	name   string
	file   *File
	hard   string // the path that a hard link leads to
	remove bool   // a whiteout of name
	opaque bool   // a whiteout of what name, a folder, held before
}

func readLayer(r io.Reader) (*layer, error) {
	counted := &counter{r: r}
	t := tar.NewReader(counted)
	l := &layer{}
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(l.entries) == maxFiles {
			return nil, errors.New("too many files")
		}
		e, err := readEntry(t, h)
		if err != nil {
			return nil, err
		}
		l.entries = append(l.entries, e)
	}
	_, err := io.Copy(io.Discard, counted)
	l.size = counted.n
	return l, err
}

func readEntry(t *tar.Reader, h *tar.Header) (entry, error) {
	name := path.Clean("/" + h.Name)
	dir, base := path.Split(name)
	if base == ".wh..wh..opq" {
		return entry{name: path.Clean(dir), opaque: true}, nil
	}
	if rest, ok := strings.CutPrefix(base, ".wh."); ok {
		return entry{name: path.Join(dir, rest), remove: true}, nil
	}
	f := &File{Mode: h.FileInfo().Mode(), UID: h.Uid, GID: h.Gid, Size: h.Size}
	e := entry{name: name, file: f}
	switch h.Typeflag {
	case tar.TypeSymlink:
		f.Link = h.Linkname
	case tar.TypeLink:
		e.hard = path.Clean("/" + h.Linkname)
	case tar.TypeReg:
		return e, f.read(name, t)
	}
	return e, nil
}

// read takes from a regular file what its kind is worth: of ELF files what they
// need, of scripts their interpreter, and the whole text of a few.
func (f *File) read(name string, r io.Reader) error {
	if f.Size < 4 {
		return nil
	}
	if isRead(name) && f.Size <= maxText {
		var err error
		f.Text, err = limited(r, maxText)
		return err
	}
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	switch {
	case elf.Is(head[:]) && f.Size <= maxObject:
		b := make([]byte, f.Size)
		copy(b, head[:])
		if _, err := io.ReadFull(r, b[4:]); err != nil {
			return err
		}
		f.Object, _ = elf.Read(b)
	case string(head[:2]) == "#!" && f.Mode.Perm()&0o111 != 0:
		line, err := limited(io.LimitReader(r, 256), 256)
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(string(head[2:])+string(line), "\n")
		if words := strings.Fields(first); len(words) > 0 {
			f.Interpreter = words[0]
		}
	}
	return nil
}

// isRead reports whether a file's text is kept: what tells of packages, accounts
// and libraries.
func isRead(name string) bool {
	switch path.Dir(name) {
	case "/var/lib/dpkg/info":
		return path.Ext(name) == ".list"
	case "/etc/ld.so.conf.d":
		return true
	}
	switch name {
	case "/var/lib/dpkg/status", "/etc/passwd", "/etc/group", "/etc/ld.so.conf", "/lib/apk/db/installed":
		return true
	}
	return false
}

// add lays a layer over the image.
func (i *Image) add(l *layer) {
	index := len(i.Layers)
	i.Layers = append(i.Layers, Layer{Size: l.size, Files: len(l.entries)})
	for _, e := range l.entries {
		if e.remove || e.opaque {
			i.removeBelow(e.name, index)
		}
		if e.remove {
			delete(i.Files, e.name)
		}
	}
	for _, e := range l.entries {
		if e.file == nil {
			continue
		}
		if old := i.Files[e.name]; old != nil && old.Mode.IsDir() && !e.file.Mode.IsDir() {
			i.removeBelow(e.name, index)
			delete(i.Files, e.name)
		}
		f := *e.file
		if e.hard != "" {
			if target := i.Files[e.hard]; target != nil {
				f = *target
			}
		}
		f.Layer = index
		i.Files[e.name] = &f
	}
	if i.Files["/"] == nil {
		i.Files["/"] = &File{Mode: fs.ModeDir | 0o755}
	}
}

// removeBelow removes what lies below a folder, as far as layers below one brought it.
func (i *Image) removeBelow(name string, layer int) {
	if f := i.Files[name]; f == nil || !f.Mode.IsDir() {
		return
	}
	prefix := strings.TrimSuffix(name, "/") + "/"
	for other, f := range i.Files {
		if f.Layer < layer && strings.HasPrefix(other, prefix) {
			delete(i.Files, other)
		}
	}
}

// limited reads all of r, which must not be larger than limit.
func limited(r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = errors.New("too large")
	}
	return b, err
}

// A counter counts the bytes that are read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.n > maxArchive {
		return n, errors.New("the layer is too large")
	}
	return n, err
}
