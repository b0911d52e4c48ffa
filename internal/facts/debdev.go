package facts

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"sync"
)

//go:generate go run ./gen -o .

// debdev.tsv.gz: for each -dev package of Debian main/amd64 its runtime
// packages per release. debpkg.tsv.gz: which packages exist per release.
// ubuntudev.tsv.gz: debdev of Ubuntu's main and universe.
// Source: dists/<release>/<component>/binary-amd64/Packages.gz; the rule is in gen/derive.go.
var (
	//go:embed debdev.tsv.gz
	debdevGzip []byte
	//go:embed debpkg.tsv.gz
	debpkgGzip []byte
	//go:embed ubuntudev.tsv.gz
	ubuntudevGzip []byte
)

var (
	devTable    = sync.OnceValue(func() releaseTable { return decodeReleaseTable(debdevGzip) })
	nameTable   = sync.OnceValue(func() releaseTable { return decodeReleaseTable(debpkgGzip) })
	ubuntuTable = sync.OnceValue(func() releaseTable { return decodeReleaseTable(ubuntudevGzip) })
)

// RuntimePackages are the packages that a program built with the -dev package
// dev needs at run time in a release of Debian ("bookworm") or Ubuntu ("22.04"),
// sorted. Packages that the image of the release has already are left out, so known with no packages
// means that nothing is to be installed (zlib1g-dev, header-only libraries).
// It is not known where the release is not in the table, has no such package,
// or where dev also depends on more than libraries (php-dev).
func RuntimePackages(release, dev string) (pkgs []string, known bool) {
	table := devTable
	if strings.Contains(release, ".") { // only Ubuntu's are numbers
		table = ubuntuTable
	}
	cell, ok := table().cell(dev, release)
	if !ok || cell == "-" || cell == "?" {
		return nil, false
	}
	return strings.Fields(cell), true
}

// RuntimePackagesIn is RuntimePackages where it is the same in each of the
// given releases, of which there must be one at least. It serves floating
// tags: pass Family.Possible. What the images of some of them have already
// is the same if all have it by that name: libsqlite3-0, which is in trixie's.
func RuntimePackagesIn(releases []string, dev string) (pkgs []string, known bool) {
	inImage := false
	for _, release := range releases {
		here, ok := RuntimePackages(release, dev)
		switch {
		case !ok, len(here) > 0 && len(pkgs) > 0 && !slices.Equal(here, pkgs):
			return nil, false
		case len(here) == 0:
			inImage = true
		default:
			pkgs = here
		}
	}
	for _, release := range releases {
		lacks := func(name string) bool { return !HasPackage(release, name) }
		if inImage && slices.ContainsFunc(pkgs, lacks) {
			return nil, false
		}
	}
	return pkgs, len(releases) > 0
}

// RuntimePackagesAnyRelease is RuntimePackages where it is the same in every
// Debian release of the table (bullseye, bookworm, trixie): libpq-dev is libpq5 in all.
func RuntimePackagesAnyRelease(dev string) (pkgs []string, known bool) {
	return RuntimePackagesIn(devTable().releases, dev)
}

// HasPackage reports whether Debian's main/amd64 has the package in the
// release. A release that the table does not hold has none; see DebianReleases.
func HasPackage(release, name string) bool {
	cell, _ := nameTable().cell(name, release)
	return cell == "1"
}

// DebianReleases are the releases of the package tables, oldest first.
func DebianReleases() []string { return slices.Clone(devTable().releases) }

// A releaseTable is a TSV text sorted by its first column, with one further
// column for each release. Lookups search the text, no map is built.
type releaseTable struct {
	releases []string
	rows     string // each row ends in \n
	starts   []int32
	err      error
}

// decodeReleaseTable never fails on the embedded tables; the error is kept for
// the test that says so.
func decodeReleaseTable(gz []byte) releaseTable {
	z, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		return releaseTable{err: fmt.Errorf("embedded table: %w", err)}
	}
	var text strings.Builder
	text.Grow(8 * len(gz))
	if _, err := io.Copy(&text, z); err != nil {
		return releaseTable{err: fmt.Errorf("embedded table: %w", err)}
	}
	header, rows, _ := strings.Cut(text.String(), "\n")
	t := releaseTable{releases: strings.Split(header, "\t")[1:], rows: rows}
	t.starts = make([]int32, 0, strings.Count(rows, "\n"))
	for start := 0; start < len(rows); {
		t.starts = append(t.starts, int32(start))
		start += strings.IndexByte(rows[start:], '\n') + 1
	}
	return t
}

// cell is the table's text for a package in a release.
func (t releaseTable) cell(name, release string) (string, bool) {
	column := slices.Index(t.releases, release)
	if column < 0 {
		return "", false
	}
	row, ok := t.row(name)
	if !ok {
		return "", false
	}
	return field(row, column), true
}

// row is what stands behind a name: cells with tabs between.
func (t releaseTable) row(name string) (string, bool) {
	key := name + "\t"
	i := sort.Search(len(t.starts), func(i int) bool { return t.rows[t.starts[i]:] >= key })
	if i == len(t.starts) {
		return "", false
	}
	row, _, _ := strings.Cut(t.rows[t.starts[i]:], "\n")
	found, cells, _ := strings.Cut(row, "\t")
	return cells, found == name
}

// field is the nth of the cells of a row, from 0 on.
func field(row string, n int) string {
	for range n {
		_, row, _ = strings.Cut(row, "\t")
	}
	cell, _, _ := strings.Cut(row, "\t")
	return cell
}
