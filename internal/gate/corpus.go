package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A sample is one Dockerfile of the corpus.
type sample struct {
	Path string // <stratum>/<sha12>.Dockerfile
	Text string
}

// readCorpus reads the Dockerfiles of the corpus's archive, in its order.
func readCorpus(dir string) ([]sample, error) {
	var samples []sample
	err := walkArchive(filepath.Join(dir, "dockerfiles.tar.gz"), func(name, text string) {
		if strings.HasSuffix(name, ".Dockerfile") {
			samples = append(samples, sample{strings.TrimPrefix(name, "./"), text})
		}
	})
	return samples, err
}

// walkArchive calls visit for every regular file of a tar.gz.
func walkArchive(path string, visit func(name, text string)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	archive := tar.NewReader(unzipped)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", path, header.Name, err)
		}
		visit(header.Name, string(text))
	}
}

// keep returns the samples whose path holds part.
func keep(samples []sample, part string) []sample {
	var kept []sample
	for _, s := range samples {
		if strings.Contains(s.Path, part) {
			kept = append(kept, s)
		}
	}
	return kept
}
