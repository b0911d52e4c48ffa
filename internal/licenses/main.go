// Command licenses writes the licences and notices of all modules that are linked into
// the drydock binary, which whoever hands one on has to hand on too. It fails where a
// module has a licence that is not known to go together with Apache-2.0.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

// A library is a module that is linked in.
type library struct {
	Path, Version string
	Dir           string // of its source, in the module cache
	Main          bool
}

// A kind is a licence that goes together with Apache-2.0, and words that only its
// text has, in lower case with single spaces.
type kind struct{ name, words string }

// Sources: https://www.apache.org/legal/resolved.html, categories A and B; of the
// latter, the MPL asks that whoever gets a binary is told where the source is.
var kinds = []kind{
	{"Apache-2.0", "apache license version 2.0, january 2004"},
	{"Apache-2.0", "licensed under the apache license, version 2.0"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"MPL-2.0", "mozilla public license, version 2.0"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"BSD", "redistribution and use in source and binary forms, with or without modification, are permitted"},
}

func run(out io.Writer) error {
	all, err := libraries()
	if err != nil {
		return err
	}
	standard, err := standardLibrary()
	if err != nil {
		return err
	}
	all = append([]library{standard}, all...)
	var texts bytes.Buffer
	var failed []error
	fmt.Fprintln(out, "drydock is linked with these modules. Go's module proxy has the source of each.")
	for _, l := range all {
		names, err := l.write(&texts)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", l.Path, err))
			continue
		}
		fmt.Fprintf(out, "%s %s: %s\n", l.Path, l.Version, strings.Join(names, ", "))
	}
	if _, err := out.Write(texts.Bytes()); err != nil {
		return err
	}
	return errors.Join(failed...)
}

// standardLibrary is Go's own.
func standardLibrary() (library, error) {
	said, err := exec.Command("go", "env", "GOVERSION", "GOROOT").Output()
	version, root, ok := strings.Cut(strings.TrimSpace(string(said)), "\n")
	if err != nil || !ok {
		return library{}, fmt.Errorf("go env: %w", err)
	}
	return library{Path: "Go", Version: version, Dir: root}, nil
}

// libraries are the modules of the binary's packages, by path.
func libraries() ([]library, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=Module", "github.com/drydock-dev/drydock/cmd/drydock")
	cmd.Stderr = os.Stderr
	listed, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var all []library
	for d := json.NewDecoder(bytes.NewReader(listed)); ; {
		var p struct{ Module *library }
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Module != nil && !p.Module.Main {
			all = append(all, *p.Module)
		}
	}
	slices.SortFunc(all, func(a, b library) int { return strings.Compare(a.Path, b.Path) })
	return slices.Compact(all), nil
}

// write appends a module's licences and notices, and returns the names of the licences.
func (l library) write(out io.Writer) (names []string, err error) {
	entries, err := os.ReadDir(l.Dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() || !isLegal(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(l.Dir, e.Name()))
		if err != nil {
			return nil, err
		}
		names = append(names, namesOf(string(text))...)
		fmt.Fprintf(out, "\n======== %s %s, %s\n\n%s", l.Path, l.Version, e.Name(), text)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 0 {
		return nil, errors.New("no licence is known in " + l.Dir)
	}
	return names, nil
}

// isLegal reports whether a file is a licence or a notice, by its name.
func isLegal(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"license", "licence", "copying", "notice"}, func(s string) bool { return strings.HasPrefix(name, s) })
}

// namesOf are the licences that a text is.
func namesOf(text string) (names []string) {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	for _, k := range kinds {
		if strings.Contains(text, k.words) {
			names = append(names, k.name)
		}
	}
	return names
}
