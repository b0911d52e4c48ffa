package facts

// A NeedWhen says when a language package needs its system packages.
type NeedWhen int

const (
	// WhenBuilt: only where it is built from source; its wheels and
	// precompiled gems bring their own libraries.
	WhenBuilt NeedWhen = iota
	// Always: there is no binary package, or the binary one too loads the
	// library or calls the program at run time.
	Always
)

// A NativeNeed is what a Python distribution or a Ruby gem needs of the system.
type NativeNeed struct {
	Name string
	When NeedWhen
	// Dev are the Debian -dev packages that it is built with; their
	// RuntimePackages are what it loads.
	Dev []string
	// Packages are further Debian packages that it loads or calls at run time,
	// under the same name in every release.
	Packages []string
}

// RuntimePackages are the Debian packages that the need stands for in a
// release, sorted. known is false where the release is not in the tables.
func (n NativeNeed) RuntimePackages(release string) (pkgs []string, known bool) {
	return runtimeOf(release, n.Dev, n.Packages)
}
