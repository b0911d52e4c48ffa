// Package arch holds the imports of the module to its design.
package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/drydock-dev/drydock/"

// layers are the packages from the bottom up. A package may import those of the
// layers below its own, and its own subpackages; so no two of a layer import
// each other. A fixer stands in the layer of "fixers/*", its list above it.
var layers = [][]string{
	{"internal/source", "internal/facts", "internal/registry"},
	{"internal/edit"},
	{"internal/syntax", "internal/yamledit"},
	{"internal/shell", "internal/project"},
	{"internal/pkgmgr", "internal/deploy"},
	{"internal/build"},
	{"internal/fix"},
	{"fixers/*", "internal/contract", "internal/config"},
	{"fixers", "internal/engine"},
	{"internal/fixtest", "internal/verify", "internal/report", "internal/git"},
	{"internal/forge"},
	{"internal/campaign"},
	{"internal/serve"},
	{"internal/cli"},
	{"cmd/drydock", "internal/gate", "internal/lab", "internal/fleet", "internal/licenses"},
}

// never are imports that the layers would allow.
var never = map[string][]string{
	"internal/engine": {"fixers"}, // it is given its fixers
}

// apart are the packages that reach out of the files, to registries and builders. Only
// those named may import them: no rewrite hangs on what is out there.
var apart = map[string][]string{
	"internal/registry": {"internal/cli"},
	"internal/verify":   {"internal/cli"},
}

// owners are all libraries that code outside tests imports, and the packages that
// may, so that the rest can be read without knowing them. A library of several
// packages is for all of them.
var owners = map[string][]string{
	// BuildKit's own reading of a file is what contract and gate compare with;
	// build uses its expander of variables.
	"github.com/moby/buildkit":         {"internal/contract", "internal/verify", "internal/build", "internal/gate"},
	"mvdan.cc/sh/v3":                   {"internal/shell"},
	"github.com/google/go-github":      {"internal/forge/github"},
	"code.gitea.io/sdk":                {"internal/forge/gitea"},
	"github.com/go-git/go-git":         {"internal/git"},
	"github.com/getkin/kin-openapi":    {"internal/forge/fake"},
	"github.com/spf13/cobra":           {"internal/cli"},
	"modernc.org/sqlite":               {"internal/campaign/store"},
	"github.com/jackc/pgx":             {"internal/campaign/store", "internal/campaign/queue"},
	"github.com/riverqueue":            {"internal/campaign/queue"},
	"riverqueue.com/riverui":           {"internal/campaign/queue"},
	"github.com/prometheus":            {"internal/serve"},
	"github.com/coreos/go-oidc":        {"internal/serve/login"},
	"golang.org/x/oauth2":              {"internal/serve/login"},
	"github.com/moby/patternmatcher":   {"internal/project", "internal/verify"},
	"github.com/spf13/pflag":           {"internal/cli"},
	"github.com/aymanbagabas/go-udiff": {"internal/report"},
	"github.com/pelletier/go-toml":     {"internal/project"},
	"github.com/tailscale/hujson":      {"internal/project"},
	"github.com/klauspost/compress":    {"internal/verify/image"},
	"github.com/gofrs/flock":           {"internal/forge/local", "internal/lab"},
	"go.yaml.in/yaml":                  {"internal/yamledit", "internal/project", "internal/deploy", "internal/config", "internal/campaign/spec", "internal/gate", "fixers/kubernetesuser"},
	"golang.org/x/mod":                 {"internal/project", "fixers/multistage"},
	"golang.org/x/net":                 {"fixers/aptkeyring"},
	"golang.org/x/sync":                {"internal/cli", "internal/lab"},
	"golang.org/x/sys":                 {"internal/verify/agent"},
	"golang.org/x/term":                {"internal/cli"},
	// Names, digests and configurations of images.
	"github.com/opencontainers":         {"internal/contract", "internal/registry", "internal/verify", "internal/cli", "internal/lab"},
	"github.com/moby/docker-image-spec": {"internal/contract", "internal/verify"},
	"github.com/distribution/reference": {"internal/contract", "internal/registry", "internal/verify/builder"},
	"github.com/containerd/platforms":   {"internal/contract", "internal/registry", "internal/verify/builder"},
	"github.com/containerd/errdefs":     {"internal/registry"},
	"github.com/containerd/log":         {"internal/registry", "internal/verify/builder"},
	// What tests of several packages stand on.
	"github.com/vektah/gqlparser": {"internal/forge/fake"},
	"github.com/go-jose/go-jose":  {"internal/serve/login/oidctest"},
	"github.com/google/go-cmp":    {"internal/fixtest"},
	"golang.org/x/tools":          {"internal/fixtest"},
	// No program is started where tokens are: none stands among the arguments of a
	// process. The rest builds images, or is for tests.
	"os/exec": {
		"internal/verify", "internal/lab", "internal/gate", "internal/licenses",
		"internal/forge/fake", "internal/forge/gitea/giteatest", "internal/git/gittest", "internal/campaign/store/storetest",
	},
	"google.golang.org/grpc":              {},
	"github.com/containerd/containerd/v2": {"internal/verify/builder", "internal/registry"},
	"github.com/docker/cli":               {"internal/verify/builder", "internal/registry"},
	"github.com/tonistiigi/fsutil":        {"internal/verify/builder"},
}

// A listed is what "go list" says of a package.
type listed struct {
	ImportPath string
	Imports    []string // tests excluded: any of them may use BuildKit as an oracle
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestPackagesImportDownwards(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		if layer, _ := layerOf(from); layer < 0 {
			if from != "internal/arch" {
				t.Errorf("%s stands in no layer: add it to layers", from)
			}
			continue
		}
		for _, path := range p.Imports {
			to, ours := strings.CutPrefix(path, module)
			if !ours {
				continue
			}
			if !allowed(from, to) {
				t.Errorf("%s imports %s, which stands beside or above it", from, to)
			}
		}
	}
}

func allowed(from, to string) bool {
	above, group := layerOf(from)
	below, other := layerOf(to)
	return (below < above || below == above && group == other) && !within(to, never[from])
}

// layerOf returns the layer of a package, counted from the bottom, and the
// package there that it belongs to: itself, or the one that it is a part of. It
// returns -1 for a package of no layer.
func layerOf(path string) (layer int, group string) {
	for i, names := range layers {
		for _, name := range names {
			if path == name || name != "fixers" && strings.HasPrefix(path, name+"/") {
				return i, name
			}
			if rest, ok := strings.CutPrefix(path, "fixers/"); ok && name == "fixers/*" {
				fixer, _, _ := strings.Cut(rest, "/")
				return i, "fixers/" + fixer
			}
		}
	}
	return -1, ""
}

func TestLibrariesHaveOwners(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, path := range p.Imports {
			users, owned := ownersOf(path)
			if host, _, _ := strings.Cut(path, "/"); !owned && strings.Contains(host, ".") && !strings.HasPrefix(path, module) {
				t.Errorf("%s imports %s, which has no owner: add it to owners", from, path)
			}
			if owned && !within(from, users) {
				t.Errorf("%s imports %s, which only %s may", from, path, strings.Join(users, ", "))
			}
		}
	}
}

// ownersOf are the packages that may import a package of a library or of ours, if not
// all may.
func ownersOf(path string) (users []string, owned bool) {
	for _, rules := range []map[string][]string{owners, apart} {
		for library, users := range rules {
			if within(strings.TrimPrefix(path, module), []string{library}) {
				return append([]string{library}, users...), true
			}
		}
	}
	return nil, false
}

func within(path string, names []string) bool {
	for _, name := range names {
		if path == name || strings.HasPrefix(path, name+"/") {
			return true
		}
	}
	return false
}

// TestWhatReachesOut holds that no rewrite hangs on a registry or a builder.
func TestWhatReachesOut(t *testing.T) {
	for path, users := range map[string][]string{
		module + "internal/registry":       {"internal/contract", "internal/campaign", "fixers/multistage"},
		module + "internal/verify/builder": {"internal/engine", "internal/campaign", "internal/serve"},
		"os/exec":                          {"internal/cli", "internal/git"},
	} {
		allowed, owned := ownersOf(path)
		for _, from := range users {
			if !owned || within(from, allowed) {
				t.Errorf("%s may import %s", from, path)
			}
		}
	}
}

// TestEveryLayerCatches holds the test itself to the rules that matter most.
func TestEveryLayerCatches(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"internal/engine", "fixers", false},
		{"internal/engine", "fixers/multistage", false},
		{"fixers/multistage", "fixers/numericuser", false},
		{"fixers/numericuser", "fixers/numericuser/written", true},
		{"fixers/multistage", "internal/engine", false},
		{"fixers/multistage", "internal/facts", true},
		{"internal/syntax", "internal/shell", false},
		{"internal/contract", "internal/pkgmgr", true},
		{"internal/cli", "fixers", true},
	} {
		if got := allowed(c.from, c.to); got != c.allowed {
			t.Errorf("%s imports %s: %v, want %v", c.from, c.to, got, c.allowed)
		}
	}
}
