package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// A Cache keeps reports in a folder, by the content of all that went in. A build
// that failed is not kept: the network may have failed it.
type Cache struct {
	Dir     string
	Version string // of drydock: another one may check other things
}

// cacheVersion is in every key. It changes with what is checked.
const cacheVersion = "1"

// key is the content of all that a report depends on: both texts, the context, the
// images, what the user passes to the build, and the options. It is "" if the
// content of an image is not known.
func (v *Verifier) key(ctx context.Context, r Rewrite) (string, error) {
	refs, known := v.images(r.Before)
	more, knownAfter := v.images(r.After)
	if !known || !knownAfter {
		return "", nil
	}
	refs = append(refs, more...)
	if err := v.resolve(ctx, refs...); err != nil {
		return "", err
	}
	o := v.options
	h := sha256.New()
	put := json.NewEncoder(h)
	for _, part := range []any{
		cacheVersion, o.Cache.Version, r, o.Builder.Name(), o.Request.Target, o.Targets, o.Request.Platform, o.Request.Args,
		o.Request.Secrets, o.Request.SSH, o.Smoke, o.Start, o.Accept, o.Rebuild,
	} {
		if err := put.Encode(part); err != nil {
			return "", err
		}
	}
	for _, ref := range refs {
		digest := v.bases[ref].Digest
		if digest == "" {
			return "", nil
		}
		fmt.Fprintf(h, "%s %s\n", ref, digest)
	}
	for _, name := range keys(o.Request.Layouts) {
		digest, err := builder.LayoutDigest(o.Request.Layouts[name])
		if err != nil {
			return "", fmt.Errorf("--image-layout %s: %w", name, err)
		}
		fmt.Fprintf(h, "%s %s\n", name, digest)
	}
	files, err := contextFiles(o.Request)
	if err != nil {
		return "", fmt.Errorf("build context: %w", err)
	}
	for _, name := range files {
		if err := hashFile(h, o.Request.Context, name); err != nil {
			return "", fmt.Errorf("build context: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// hashFile takes in a file of the context: a symlink as what it says, a folder by
// its name and mode.
func hashFile(h hash.Hash, dir, name string) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if target, err := os.Readlink(path); err == nil {
		fmt.Fprintf(h, "%q -> %q\n", name, target)
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		fmt.Fprintf(h, "%q %v\n", name, info.Mode())
		return nil
	}
	fmt.Fprintf(h, "%q %v %d\n", name, info.Mode(), info.Size())
	_, err = io.Copy(h, f)
	return err
}

func (c *Cache) file(key string) string { return filepath.Join(c.Dir, key+".json") }

// read gives a report, nil if there is none. One that cannot be read is none.
func (c *Cache) read(key string) *Report {
	text, err := os.ReadFile(c.file(key))
	if err != nil {
		return nil
	}
	var r Report
	if json.Unmarshal(text, &r) != nil {
		return nil
	}
	return &r
}

func (c *Cache) write(key string, r *Report) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keep the result: %w", err)
	}
	f, err := os.CreateTemp(c.Dir, "new-*")
	if err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	return os.Rename(f.Name(), c.file(key))
}
