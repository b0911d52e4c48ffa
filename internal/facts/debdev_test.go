package facts

import (
	"slices"
	"strings"
	"testing"
)

func TestReleaseTablesAreSorted(t *testing.T) {
	for name, table := range map[string]releaseTable{"debdev": devTable(), "debpkg": nameTable()} {
		if table.err != nil {
			t.Fatalf("%s: %v", name, table.err)
		}
		if want := []string{"bullseye", "bookworm", "trixie"}; !slices.Equal(table.releases, want) {
			t.Errorf("%s: releases %v, want %v", name, table.releases, want)
		}
		last := ""
		for row := range strings.Lines(table.rows) {
			cells := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
			if len(cells) != 1+len(table.releases) {
				t.Fatalf("%s: row %q has %d cells", name, row, len(cells))
			}
			if cells[0] <= last {
				t.Fatalf("%s: %q stands after %q", name, cells[0], last)
			}
			last = cells[0]
		}
		if len(table.starts) < 10_000 {
			t.Errorf("%s: only %d rows", name, len(table.starts))
		}
	}
}

func TestRuntimePackagesExistInTheirRelease(t *testing.T) {
	for row := range strings.Lines(devTable().rows) {
		cells := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
		for i, release := range devTable().releases {
			for pkg := range strings.FieldsSeq(strings.Trim(cells[1+i], "-?")) {
				if !HasPackage(release, pkg) {
					t.Errorf("%s stands for %s, which %s does not have", cells[0], pkg, release)
				}
			}
		}
	}
}

func TestRuntimePackages(t *testing.T) {
	const unknown = "?"
	for _, test := range []struct{ dev, bullseye, bookworm, trixie string }{
		{"libpq-dev", "libpq5", "libpq5", "libpq5"},
		{"libmagic-dev", "libmagic1", "libmagic1", "libmagic1t64"},
		{"default-libmysqlclient-dev", "libmariadb3", "libmariadb3", "libmariadb3"}, // two metapackages down
		{"libjpeg-dev", "libjpeg62-turbo", "libjpeg62-turbo", "libjpeg62-turbo"},
		{"unixodbc-dev", "libodbc1 odbcinst1debian2", "libodbc2 libodbccr2 libodbcinst2", "libodbc2 libodbccr2 libodbcinst2"},
		{"libaio-dev", "libaio1", "libaio1", "libaio1t64"},
		{"libssl-dev", "", "libssl3", ""},                         // in the base image of bullseye and trixie
		{"libffi-dev", "", "", "libffi8"},                         // p11-kit in the base image needs it but in trixie
		{"zlib1g-dev", "", "", ""},                                // dpkg needs it
		{"libeigen3-dev", "", "", ""},                             // headers only
		{"libxslt-dev", "libxslt1.1", "libxslt1.1", "libxslt1.1"}, // virtual
		{"libglib2.0-dev", "libglib2.0-0", "libglib2.0-0", "libgirepository-2.0-0 libglib2.0-0t64"},
		{"php-dev", unknown, unknown, unknown}, // php itself matters too
		{"python3-dev", unknown, unknown, unknown},
		{"libatlas-base-dev", "libatlas3-base", "libatlas3-base", unknown}, // gone
		{"no-such-dev", unknown, unknown, unknown},
	} {
		for release, want := range map[string]string{"bullseye": test.bullseye, "bookworm": test.bookworm, "trixie": test.trixie} {
			pkgs, known := RuntimePackages(release, test.dev)
			got := strings.Join(pkgs, " ")
			if !known {
				got = unknown
			}
			if got != want {
				t.Errorf("RuntimePackages(%s, %s) = %q, want %q", release, test.dev, got, want)
			}
		}
	}
	if _, known := RuntimePackages("jessie", "libpq-dev"); known {
		t.Error("jessie is not in the table")
	}
}

func TestRuntimePackagesAcrossReleases(t *testing.T) {
	if pkgs, known := RuntimePackagesAnyRelease("libpq-dev"); !known || !slices.Equal(pkgs, []string{"libpq5"}) {
		t.Errorf("libpq-dev: %v, %v", pkgs, known)
	}
	if pkgs, known := RuntimePackagesAnyRelease("libmagic-dev"); known {
		t.Errorf("libmagic-dev is not the same in every release, got %v", pkgs)
	}
	if pkgs, known := RuntimePackagesIn([]string{"bullseye", "bookworm"}, "libmagic-dev"); !known || !slices.Equal(pkgs, []string{"libmagic1"}) {
		t.Errorf("libmagic-dev in bullseye and bookworm: %v, %v", pkgs, known)
	}
	if pkgs, known := RuntimePackagesAnyRelease("libsqlite3-dev"); !known || !slices.Equal(pkgs, []string{"libsqlite3-0"}) {
		t.Errorf("libsqlite3-dev is libsqlite3-0 in every release, trixie's image has it already: %v, %v", pkgs, known)
	}
	if pkgs, known := RuntimePackagesAnyRelease("libffi-dev"); known {
		t.Errorf("libffi-dev is libffi7 in bullseye, whose image has it, and libffi8 in the others, got %v", pkgs)
	}
	if _, known := RuntimePackagesIn(nil, "libpq-dev"); known {
		t.Error("without a release nothing is known")
	}
	if _, known := RuntimePackagesIn([]string{"buster", "bookworm"}, "libpq-dev"); known {
		t.Error("buster is not in the table")
	}
}

func TestHasPackage(t *testing.T) {
	for _, test := range []struct {
		release, name string
		want          bool
	}{
		{"bookworm", "libpq5", true},
		{"bookworm", "libmagic1t64", false},
		{"trixie", "libmagic1t64", true},
		{"trixie", "libatlas-base-dev", false},
		{"jessie", "libpq5", false},
		{"bookworm", "", false},
	} {
		if got := HasPackage(test.release, test.name); got != test.want {
			t.Errorf("HasPackage(%s, %q) = %v", test.release, test.name, got)
		}
	}
}

// BenchmarkFirstLookup is what a run pays that asks for -dev packages at all.
func BenchmarkFirstLookup(b *testing.B) {
	for b.Loop() {
		decodeReleaseTable(debdevGzip).cell("libpq-dev", "bookworm")
	}
}

func BenchmarkFirstHasPackage(b *testing.B) {
	for b.Loop() {
		decodeReleaseTable(debpkgGzip).cell("libpq5", "bookworm")
	}
}

func BenchmarkRuntimePackages(b *testing.B) {
	for b.Loop() {
		RuntimePackages("bookworm", "libpq-dev")
	}
}

func BenchmarkLookupAccount(b *testing.B) {
	for b.Loop() {
		LookupAccount("node:20-bookworm", "node")
	}
}
