package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// addressed makes the image layout dir from the layout base: the same image and, in
// one layer more, files by their paths. They say where this lab has its package
// index. The other layers stay where they are.
func addressed(base, dir string, files map[string]string) error {
	var index ocispec.Index
	if err := readJSON(filepath.Join(base, ocispec.ImageIndexFile), &index); err != nil {
		return err
	}
	if len(index.Manifests) != 1 {
		return fmt.Errorf("%s holds %d images", base, len(index.Manifests))
	}
	if err := linkBlobs(base, dir); err != nil {
		return err
	}
	text, err := archive(files)
	if err != nil {
		return err
	}
	layer, err := putBlob(dir, ocispec.MediaTypeImageLayer, text)
	if err != nil {
		return err
	}
	of := index.Manifests[0]
	if index.Manifests[0], err = withLayer(dir, of, layer); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(dir, ocispec.ImageIndexFile), index); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, ocispec.ImageLayoutFile), ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
}

// linkBlobs makes the folder of a layout anew, with the blobs of another as symlinks.
func linkBlobs(base, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, ocispec.ImageBlobsDir, "sha256"), 0o755); err != nil {
		return err
	}
	blobs, err := os.ReadDir(filepath.Join(base, ocispec.ImageBlobsDir, "sha256"))
	if err != nil {
		return err
	}
	for _, b := range blobs {
		name := filepath.Join(ocispec.ImageBlobsDir, "sha256", b.Name())
		if err := os.Symlink(filepath.Join(base, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// withLayer gives an image of a layout one layer more, in a manifest of its own.
func withLayer(dir string, of, layer ocispec.Descriptor) (ocispec.Descriptor, error) {
	var manifest ocispec.Manifest
	if err := readJSON(blob(dir, of.Digest), &manifest); err != nil {
		return of, err
	}
	config, err := configWith(blob(dir, manifest.Config.Digest), layer.Digest)
	if err != nil {
		return of, err
	}
	if manifest.Config, err = putBlob(dir, manifest.Config.MediaType, config); err != nil {
		return of, err
	}
	manifest.Layers = append(manifest.Layers, layer)
	text, err := json.Marshal(manifest)
	if err != nil {
		return of, err
	}
	made, err := putBlob(dir, of.MediaType, text)
	made.Platform = of.Platform
	return made, err
}

// configWith is the text of a configuration that counts one layer more.
func configWith(name string, layer digest.Digest) ([]byte, error) {
	// Not a struct: the configuration has more members than OCI knows.
	var config map[string]json.RawMessage
	if err := readJSON(name, &config); err != nil {
		return nil, err
	}
	var rootfs ocispec.RootFS
	var history []ocispec.History
	err := errors.Join(json.Unmarshal(config["rootfs"], &rootfs), json.Unmarshal(config["history"], &history))
	if err != nil {
		return nil, err
	}
	rootfs.DiffIDs = append(rootfs.DiffIDs, layer)
	history = append(history, ocispec.History{CreatedBy: "the address of the lab's package index"})
	if config["rootfs"], err = json.Marshal(rootfs); err != nil {
		return nil, err
	}
	if config["history"], err = json.Marshal(history); err != nil {
		return nil, err
	}
	return json.Marshal(config)
}

// putBlob writes a blob of a layout.
func putBlob(dir, kind string, text []byte) (ocispec.Descriptor, error) {
	d := ocispec.Descriptor{MediaType: kind, Digest: digest.FromBytes(text), Size: int64(len(text))}
	return d, os.WriteFile(blob(dir, d.Digest), text, 0o644)
}

func writeJSON(name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}

// archive is a layer of files, the same bytes for the same files. Their folders
// are there already.
func archive(files map[string]string) ([]byte, error) {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var out bytes.Buffer
	t := tar.NewWriter(&out)
	for _, name := range names {
		h := &tar.Header{Name: strings.TrimPrefix(name, "/"), Mode: 0o644, Size: int64(len(files[name])), ModTime: time.Unix(0, 0)}
		if err := t.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := t.Write([]byte(files[name])); err != nil {
			return nil, err
		}
	}
	err := t.Close()
	return out.Bytes(), err
}

func blob(layout string, d digest.Digest) string {
	return filepath.Join(layout, ocispec.ImageBlobsDir, d.Algorithm().String(), d.Encoded())
}

func readJSON(name string, to any) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
