// Gen derives the Debian tables of package facts from Debian's own package indices.
//
//	go run ./internal/facts/gen -o internal/facts/debdev.tsv.gz -packages internal/facts/debpkg.tsv.gz
//
// It reads dists/<release>/main/binary-amd64/Packages.gz of each release over
// an ordinary apt mirror and writes two tables, both sorted by package name so
// that package facts can search them without building a map. index.go reads
// the indices, derive.go holds the rule.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
)

// releases are the columns of both tables, oldest first; package facts reads
// their order from the first line of the table.
var releases = []string{"bullseye", "bookworm", "trixie"}

func main() {
	log.SetFlags(0)
	log.SetPrefix("gen: ")
	mirror := flag.String("mirror", "http://deb.debian.org/debian", "Debian mirror, as apt names it")
	devTable := flag.String("o", "debdev.tsv.gz", "file for the table of -dev packages")
	nameTable := flag.String("packages", "debpkg.tsv.gz", "file for the table of all package names")
	flag.Parse()
	if err := run(*mirror, *devTable, *nameTable); err != nil {
		log.Fatal(err)
	}
}

func run(mirror, devTable, nameTable string) error {
	indices := make([]*index, len(releases))
	for i, release := range releases {
		url := fmt.Sprintf("%s/dists/%s/main/binary-amd64/Packages.gz", strings.TrimRight(mirror, "/"), release)
		x, err := fetchIndex(url)
		if err != nil {
			return err
		}
		indices[i] = x
		log.Printf("%s: %d packages, %d of them in the base image", release, len(x.packages), len(x.base))
	}
	return errors.Join(
		writeTable(devTable, devRows(indices)),
		writeTable(nameTable, nameRows(indices)))
}

// fetchIndex downloads and reads the gzip-compressed Packages file at url.
func fetchIndex(url string) (*index, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	z, err := gzip.NewReader(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	x, err := readIndex(z)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return x, nil
}

// devRows has one row for each -dev package of any release: its name and, for
// each release, "-" (no such package), "?" (its runtime packages are not
// known) or the space-separated runtime packages, which may be none.
func devRows(indices []*index) []string {
	names := map[string]bool{}
	for _, x := range indices {
		for _, p := range x.packages {
			if p.isDev() {
				names[p.name] = true
			}
		}
		for virtual, providers := range x.providers {
			if isVirtualDev(virtual, providers) {
				names[virtual] = true
			}
		}
	}
	rows := []string{"#dev\t" + strings.Join(releases, "\t")}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		row := name
		for _, x := range indices {
			row += "\t" + devCell(x, name)
		}
		rows = append(rows, row)
	}
	return rows
}

// isVirtualDev reports whether apt installs the one provider of a virtual
// package such as libxslt-dev. Rust's thousands of feature packages are left
// out: nobody installs them by hand.
func isVirtualDev(virtual string, providers []string) bool {
	return len(providers) == 1 && strings.HasSuffix(virtual, "-dev") && !strings.HasPrefix(virtual, "librust-")
}

func devCell(x *index, name string) string {
	p := x.lookup(name)
	if p == nil {
		return "-"
	}
	pkgs, known := x.runtimePackages(p)
	if !known {
		return "?"
	}
	return strings.Join(pkgs, " ")
}

// nameRows has one row for each package of any release: its name and, for
// each release, "1" where it exists and "0" where it does not.
func nameRows(indices []*index) []string {
	names := map[string]bool{}
	for _, x := range indices {
		for name := range x.packages {
			names[name] = true
		}
	}
	rows := []string{"#package\t" + strings.Join(releases, "\t")}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		row := name
		for _, x := range indices {
			if x.packages[name] != nil {
				row += "\t1"
			} else {
				row += "\t0"
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func writeTable(file string, rows []string) error {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := io.WriteString(z, row+"\n"); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	log.Printf("%s: %d rows, %d bytes", file, len(rows)-1, b.Len())
	return os.WriteFile(file, b.Bytes(), 0o644)
}
