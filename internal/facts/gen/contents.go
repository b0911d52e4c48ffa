package main

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
)

var folders = []string{"usr/bin/", "usr/sbin/", "bin/", "sbin/", "usr/games/"}

// readContents adds a Contents file, a path and its packages in each line:
// https://wiki.debian.org/DebianRepository/Format#A.22Contents.22_indices.
func (x *index) readContents(r io.Reader) error {
	wanted := map[string]bool{}
	for _, program := range facts.Programs {
		for _, folder := range folders {
			wanted[folder+program] = true
		}
	}
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 1<<20), 1<<24)
	for scanner.Scan() {
		line := scanner.Bytes()
		if !bytes.HasPrefix(line, []byte("usr/")) && !bytes.HasPrefix(line, []byte("bin/")) && !bytes.HasPrefix(line, []byte("sbin/")) {
			continue
		}
		path, packages, _ := bytes.Cut(line, []byte(" "))
		if path, _, _ = bytes.Cut(path, []byte("\t")); !wanted[string(path)] {
			continue
		}
		program := string(path[bytes.LastIndexByte(path, '/')+1:])
		for qualified := range strings.SplitSeq(string(bytes.TrimSpace(packages)), ",") { // net/curl,universe/web/curl
			name := qualified[strings.LastIndexByte(qualified, '/')+1:]
			if !slices.Contains(x.programs[program], name) {
				x.programs[program] = append(x.programs[program], name)
			}
		}
	}
	return scanner.Err()
}
