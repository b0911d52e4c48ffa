// Gen derives the tables of package facts from Debian's and Ubuntu's own package
// indices.
//
//	go run ./internal/facts/gen -o internal/facts
//
// It reads dists/<release>/<component>/binary-amd64/Packages.gz of each release over
// ordinary apt mirrors, and the Contents beside them, and writes tables that are
// sorted by package name, so that package facts can search them without building a
// map. index.go and contents.go read the indices, derive.go holds the rule for -dev
// packages, bring.go the one for what comes along with a package, gems.go the one for gems.
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
	"path/filepath"
	"slices"
	"strings"
)

// A distribution is what a pair of tables is about.
type distribution struct {
	mirror     string
	components []string
	releases   []release // the columns, oldest first; package facts reads their order from the first line
	contents   []string  // the Contents of a release, below dists/<release>
}

// A release has a name among the columns, and one on the mirror.
type release struct{ column, suite string }

var (
	debian = distribution{
		mirror:     "http://deb.debian.org/debian",
		components: []string{"main"},
		releases:   []release{{"bullseye", "bullseye"}, {"bookworm", "bookworm"}, {"trixie", "trixie"}},
		contents:   []string{"main/Contents-amd64.gz", "main/Contents-all.gz"},
	}
	ubuntu = distribution{
		mirror:     "http://archive.ubuntu.com/ubuntu",
		components: []string{"main", "universe"},
		releases:   []release{{"18.04", "bionic"}, {"20.04", "focal"}, {"22.04", "jammy"}, {"24.04", "noble"}, {"26.04", "resolute"}},
		contents:   []string{"Contents-amd64.gz"},
	}
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("gen: ")
	flag.StringVar(&debian.mirror, "debian", debian.mirror, "Debian mirror, as apt names it")
	flag.StringVar(&ubuntu.mirror, "ubuntu", ubuntu.mirror, "Ubuntu mirror, as apt names it")
	folder := flag.String("o", ".", "folder for the tables")
	flag.Parse()
	if err := run(*folder); err != nil {
		log.Fatal(err)
	}
}

func run(folder string) error {
	indices, err := debian.fetch()
	if err != nil {
		return err
	}
	err = errors.Join(
		writeTable(filepath.Join(folder, "debdev.tsv.gz"), debian.devRows(indices)),
		writeTable(filepath.Join(folder, "debpkg.tsv.gz"), debian.nameRows(indices)),
		writeTable(filepath.Join(folder, "debbring.tsv.gz"), debian.bringRows(indices)),
		writeTable(filepath.Join(folder, "debgems.tsv.gz"), gemRows(indices)))
	if err != nil {
		return err
	}
	if indices, err = ubuntu.fetch(); err != nil {
		return err
	}
	return errors.Join(
		writeTable(filepath.Join(folder, "ubuntudev.tsv.gz"), ubuntu.devRows(indices)),
		writeTable(filepath.Join(folder, "ubuntubring.tsv.gz"), ubuntu.bringRows(indices)))
}

// fetch reads the indices of a distribution, a release each.
func (d distribution) fetch() ([]*index, error) {
	var indices []*index
	for _, r := range d.releases {
		x := newIndex()
		dists := fmt.Sprintf("%s/dists/%s/", strings.TrimRight(d.mirror, "/"), r.suite)
		for _, component := range d.components {
			if err := fetch(dists+component+"/binary-amd64/Packages.gz", x.read); err != nil {
				return nil, err
			}
		}
		for _, contents := range d.contents {
			if err := fetch(dists+contents, x.readContents); err != nil {
				return nil, err
			}
		}
		x.base = x.baseImage()
		log.Printf("%s: %d packages, %d of them in the base image", r.suite, len(x.packages), len(x.base))
		indices = append(indices, x)
	}
	return indices, nil
}

// fetch reads the gzip-compressed file at url.
func fetch(url string, read func(io.Reader) error) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	z, err := gzip.NewReader(resp.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	if err := read(z); err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	return nil
}

// devRows has one row for each -dev package of any release: its name and, for
// each release, "-" (no such package), "?" (its runtime packages are not
// known) or the space-separated runtime packages, which may be none.
func (d distribution) devRows(indices []*index) []string {
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
	rows := []string{"#dev" + d.columns()}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		row := name
		for _, x := range indices {
			row += "\t" + devCell(x, name)
		}
		rows = append(rows, row)
	}
	return rows
}

func (d distribution) columns() string {
	columns := ""
	for _, r := range d.releases {
		columns += "\t" + r.column
	}
	return columns
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
func (d distribution) nameRows(indices []*index) []string {
	names := map[string]bool{}
	for _, x := range indices {
		for name := range x.packages {
			names[name] = true
		}
	}
	rows := []string{"#package" + d.columns()}
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
