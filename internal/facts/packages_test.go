package facts

import (
	"slices"
	"strings"
	"testing"
)

func TestIsBuildOnly(t *testing.T) {
	for i := 1; i < len(buildOnlyPackages); i++ {
		if buildOnlyPackages[i-1] >= buildOnlyPackages[i] {
			t.Errorf("%q stands before %q", buildOnlyPackages[i-1], buildOnlyPackages[i])
		}
	}
	for _, pkg := range []string{
		"build-essential", "g++", "gcc", "gcc-12", "g++-10", "make", "cmake", "pkg-config", "python3-dev", "python3.11-dev", "musl-dev",
		"linux-headers", "linux-headers-6.1.0-18-amd64", "build-base", "gcc-c++", "python3-devel", "libc6-dev", "automake1.11",
	} {
		if !IsBuildOnly(pkg) {
			t.Errorf("%s is build-only", pkg)
		}
	}
	for _, pkg := range []string{
		"", "git", "curl", "wget", "unzip", "libpq-dev", "libpq5", "python3", "python3.11", "nodejs", "default-jre", "ca-certificates",
		"gcc-12-base", "make-guile-doc", "openjdk-17-jdk", "libgcc-s1", "gcc-arm-none-eabi",
	} {
		if IsBuildOnly(pkg) {
			t.Errorf("%s is not known to be build-only", pkg)
		}
	}
}

func TestCompilerRuntime(t *testing.T) {
	for _, test := range []struct {
		image    string
		compiler string
		want     []string
	}{
		{"debian:bookworm", "gfortran", []string{"libgfortran5"}},
		{"debian:bookworm", "gfortran-12", []string{"libgfortran5"}},
		{"debian:stretch", "gfortran", []string{"libgfortran3"}},
		{"ubuntu:16.04", "gfortran", []string{"libgfortran3"}},
		{"ubuntu:18.04", "gfortran", []string{"libgfortran4"}},
		{"debian", "g++", nil},
		{"alpine", "g++", []string{"libgcc", "libstdc++"}},
		{"alpine", "build-base", []string{"libgcc", "libstdc++"}},
		{"alpine", "make", nil},
		{"fedora", "gcc-c++", nil},
		{"fedora", "gcc-gfortran", []string{"libgfortran"}},
	} {
		if got := CompilerRuntime(Image(test.image), test.compiler); !slices.Equal(got, test.want) {
			t.Errorf("CompilerRuntime(%s, %s) = %v, want %v", test.image, test.compiler, got, test.want)
		}
	}
}

func TestNeedTables(t *testing.T) {
	for name, needs := range map[string][]NativeNeed{"python": pythonNeeds, "ruby": rubyNeeds} {
		last := ""
		for _, need := range needs {
			if need.Name <= last {
				t.Errorf("%s: %q stands after %q", name, need.Name, last)
			}
			last = need.Name
			if len(need.Dev)+len(need.Packages) == 0 {
				t.Errorf("%s: %s needs nothing", name, need.Name)
			}
			if pkgs, known := need.RuntimePackages("bookworm"); !known {
				t.Errorf("%s: what %s needs in bookworm is not known", name, need.Name)
			} else {
				checkPackages(t, name+" "+need.Name, pkgs)
			}
		}
	}
	for _, need := range pythonNeeds {
		if normalizePythonName(need.Name) != need.Name {
			t.Errorf("%q is not a normalised name", need.Name)
		}
	}
}

// checkPackages checks that bookworm has each package. The names are meant for
// every release of the table; what one of them lacks would be a row for Dev.
func checkPackages(t *testing.T, subject string, pkgs []string) {
	t.Helper()
	for _, pkg := range pkgs {
		if !HasPackage("bookworm", pkg) {
			t.Errorf("%s: bookworm has no %s", subject, pkg)
		}
	}
}

func TestPlainPackageNamesAreOfEveryRelease(t *testing.T) {
	var names []string
	for _, need := range slices.Concat(pythonNeeds, rubyNeeds) {
		names = append(names, need.Packages...)
	}
	for _, d := range drivers {
		names = append(names, d.Debian...)
		names = append(names, d.Tools...)
	}
	names = append(names, "libgfortran5")
	for _, pkg := range names {
		for _, release := range DebianReleases() {
			if !HasPackage(release, pkg) {
				t.Errorf("%s has no %s", release, pkg)
			}
		}
	}
}

func TestNeeds(t *testing.T) {
	need, known := PythonNeed("Python_Magic")
	if pkgs, _ := need.RuntimePackages("trixie"); !known || need.When != Always || !slices.Equal(pkgs, []string{"libmagic1t64"}) {
		t.Errorf("python-magic: %+v, %v, %v", need, known, pkgs)
	}
	if need, known = PythonNeed("lxml"); !known || need.When != WhenBuilt {
		t.Errorf("lxml: %+v, %v", need, known)
	}
	if _, known = PythonNeed("requests"); known {
		t.Error("requests is not in the table")
	}
	need, known = RubyNeed("pg")
	if pkgs, _ := need.RuntimePackages("bullseye"); !known || !slices.Equal(pkgs, []string{"libpq5"}) {
		t.Errorf("pg: %+v, %v, %v", need, known, pkgs)
	}
}

func TestDrivers(t *testing.T) {
	for _, d := range drivers {
		if d.Name == "" || d.Dir == "" || len(d.Packages)+len(d.Archives) == 0 {
			t.Errorf("%+v cannot be recognised", d)
		}
	}
	if d, ok := DriverOfPackage("msodbcsql18"); !ok || !slices.Contains(d.Env, "ACCEPT_EULA=Y") || d.Source["bookworm"].KeyURL == "" {
		t.Errorf("msodbcsql18: %+v, %v", d, ok)
	}
	for _, d := range drivers {
		for release, source := range d.Source {
			if !strings.Contains(source.Line, "signed-by="+source.Keyring+"]") || !strings.HasSuffix(source.Line, " "+release+" main") {
				t.Errorf("%s: %s: %+v", d.Name, release, source)
			}
		}
	}
	const zip = "https://download.oracle.com/otn_software/linux/instantclient/1919000/instantclient-basic-linux.x64-19.19.0.0.0dbru.zip"
	d, ok := DriverOfArchive(zip)
	if pkgs, known := d.RuntimePackages("trixie"); !ok || !known || !slices.Equal(pkgs, []string{"libaio1t64"}) {
		t.Errorf("Instant Client: %+v, %v, %v", d, pkgs, known)
	}
	if pkgs, _ := d.RuntimePackages("bookworm"); !slices.Equal(pkgs, []string{"libaio1"}) {
		t.Errorf("Instant Client in bookworm: %v", pkgs)
	}
	for path, want := range map[string]bool{
		"/opt/oracle/instantclient_19_8":   true,
		"/opt/oracle/instantclient/lib":    true,
		"/opt/microsoft/msodbcsql17/lib64": true,
		"/opt/microsoft/msodbcsql170":      false,
		"/opt/oracle":                      false,
		"/srv/app":                         false,
	} {
		if _, ok := DriverOfPath(path); ok != want {
			t.Errorf("DriverOfPath(%q) = %v", path, ok)
		}
	}
}
