package facts

import (
	"slices"
	"strings"
	"testing"
)

func TestBringTablesDecode(t *testing.T) {
	for name, table := range map[string]bringTable{"Debian": debianBrings(), "Ubuntu": ubuntuBrings()} {
		if table.err != nil {
			t.Fatalf("%s: %v", name, table.err)
		}
		last := ""
		for i := range table.starts {
			row, _, _ := strings.Cut(table.rows[table.starts[i]:], "\t")
			if row <= last {
				t.Fatalf("%s: row %q stands behind %q", name, row, last)
			}
			last = row
		}
	}
	if !slices.Equal(debianBrings().releases, BringReleases(Debian)) || !slices.Equal(ubuntuBrings().releases, BringReleases(Ubuntu)) {
		t.Errorf("the tables have %v and %v", debianBrings().releases, ubuntuBrings().releases)
	}
	if !slices.IsSorted(Programs) {
		t.Error("Programs is not sorted")
	}
}

func TestBrings(t *testing.T) {
	for _, test := range []struct{ release, pkg, depends, recommended string }{
		{"bookworm", "zip", "", "unzip"},
		{"18.04", "python3-pip", "", "python3-setuptools"},
		{"18.04", "python3-pip", "", "python3-wheel"},
		{"22.04", "python3-pip", "python3-wheel", "build-essential"},
		{"bookworm", "npm", "nodejs", "build-essential"},
		{"trixie", "git", "", "openssh-client"},
		{"24.04", "build-essential", "make", "gpg-agent"},
		{"bookworm", "openssh-server", "openssh-client", "xauth"},
		{"bookworm", "no-such-package", "", ""},
		{"jessie", "zip", "", ""},
	} {
		depends, recommended := Brings(test.release, test.pkg)
		if test.depends != "" && !slices.Contains(depends, test.depends) || slices.Contains(depends, test.recommended) ||
			test.recommended != "" && !slices.Contains(recommended, test.recommended) {
			t.Errorf("Brings(%s, %s) = %v, %v; want %q, %q among them", test.release, test.pkg, depends, recommended, test.depends, test.recommended)
		}
	}
}

func TestHolders(t *testing.T) {
	for _, test := range []struct{ release, program, want string }{
		{"bookworm", "curl", "curl"},
		{"bookworm", "python3", "python3"},
		{"bookworm", "dig", "bind9-dnsutils"},
		{"18.04", "ssh-keygen", "openssh-client"},
		{"bookworm", "sed", ""},
		{"jessie", "curl", ""},
	} {
		if got := strings.Join(Holders(test.release, test.program), " "); got != test.want {
			t.Errorf("Holders(%s, %s) = %q, want %q", test.release, test.program, got, test.want)
		}
	}
}

// BenchmarkFirstBrings is what a run pays that asks for recommended packages at all.
func BenchmarkFirstBrings(b *testing.B) {
	for b.Loop() {
		decodeBringTable(debbringGzip)
	}
}
