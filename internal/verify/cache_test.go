package verify

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// A registry answers for base images, and cannot build.
type registry map[string]string

func (registry) Name() string { return "registry" }

func (registry) Close() error { return nil }

func (registry) Build(context.Context, builder.Request, func(context.Context, builder.Image) error) (*builder.Result, error) {
	return nil, &builder.Failure{Message: "the network is down"}
}

func (r registry) Bases(_ context.Context, _ builder.Request, refs []string) (map[string]builder.Base, error) {
	found := map[string]builder.Base{}
	for _, ref := range refs {
		found[ref] = builder.Base{Digest: r[ref]}
	}
	return found, nil
}

func layout(t *testing.T, digest string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "index.json", `{"manifests":[{"digest":"`+digest+`"}]}`)
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Whatever changes what a report says changes its key.
func TestKey(t *testing.T) {
	type input struct {
		options Options
		rewrite Rewrite
		bases   registry
	}
	one, two := "sha256:1111111111111111111111111111111111111111111111111111111111111111", "sha256:2222222222222222222222222222222222222222222222222222222222222222"
	text := "FROM python:3.11 AS build\nCOPY --from=tools /x /x\nRUN --mount=type=bind,from=uv:1,target=/uv true\nFROM scratch\nCOPY --from=uv:2 /uv /\nCOPY --from=build /x /\n"
	keyOf := func(change func(*input, string)) string {
		dir := t.TempDir()
		write(t, dir, "app.py", "print(1)")
		if err := os.Symlink("app.py", filepath.Join(dir, "main.py")); err != nil {
			t.Fatal(err)
		}
		in := input{bases: registry{"python:3.11": one, "tools": one, "uv:1": one, "uv:2": one}, rewrite: Rewrite{Before: text, After: text + "USER 1\n"}}
		in.options.Request = builder.Request{Context: dir, Args: map[string]string{"A": "1"}, Secrets: []string{"id=a"}, Layouts: map[string]string{"tools": layout(t, one)}}
		in.options.Cache = &Cache{Version: "v1"}
		change(&in, dir)
		in.options.Builder = in.bases
		key, err := New(in.options).key(t.Context(), in.rewrite)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	same := keyOf(func(*input, string) {})
	if again := keyOf(func(in *input, dir string) {
		write(t, dir, "app.pyc", "")
		in.options.Request.Ignore = []string{"*.pyc"}
	}); again != same {
		t.Error("an ignored file changes the key")
	}
	for name, change := range map[string]func(*input, string){
		"drydock":           func(in *input, _ string) { in.options.Cache.Version = "v2" },
		"before":            func(in *input, _ string) { in.rewrite.Before += "\n" },
		"after":             func(in *input, _ string) { in.rewrite.After += "\n" },
		"a base":            func(in *input, _ string) { in.bases["python:3.11"] = two },
		"a mounted image":   func(in *input, _ string) { in.bases["uv:1"] = two },
		"a copied image":    func(in *input, _ string) { in.bases["uv:2"] = two },
		"an empty folder":   func(_ *input, dir string) { _ = os.Mkdir(filepath.Join(dir, "empty"), 0o755) },
		"an image layout":   func(in *input, _ string) { in.options.Request.Layouts["tools"] = layout(t, two) },
		"a build argument":  func(in *input, _ string) { in.options.Request.Args["A"] = "2" },
		"the platform":      func(in *input, _ string) { in.options.Request.Platform = "linux/arm64" },
		"the target":        func(in *input, _ string) { in.options.Request.Target = "x" },
		"the other targets": func(in *input, _ string) { in.options.Targets = []string{"x"} },
		"a secret's name":   func(in *input, _ string) { in.options.Request.Secrets = []string{"id=b"} },
		"an SSH agent":      func(in *input, _ string) { in.options.Request.SSH = []string{"default"} },
		"the smoke test":    func(in *input, _ string) { in.options.Smoke = "true" },
		"what is accepted":  func(in *input, _ string) { in.options.Accept = []Accepted{{Check: CheckFiles}} },
		"a file":            func(_ *input, dir string) { write(t, dir, "app.py", "print(2)") },
		"a new file":        func(_ *input, dir string) { write(t, dir, "new.py", "") },
		"a mode":            func(_ *input, dir string) { _ = os.Chmod(filepath.Join(dir, "app.py"), 0o755) },
		"a symlink": func(_ *input, dir string) {
			_ = os.Remove(filepath.Join(dir, "main.py"))
			_ = os.Symlink("x", filepath.Join(dir, "main.py"))
		},
	} {
		if keyOf(change) == same {
			t.Errorf("%s does not change the key", name)
		}
	}
}

// What is not known to be the same is not kept.
func TestAnImageWithoutDigestHasNoKey(t *testing.T) {
	for _, text := range []string{"FROM gone\n", "ARG BASE\nFROM $BASE\n", "FROM known\nCOPY --from=gone /a /b\n"} {
		v := New(Options{Builder: registry{"known": "sha256:1"}, Cache: &Cache{}})
		if key, err := v.key(t.Context(), Rewrite{Before: text, After: text}); err != nil || key != "" {
			t.Errorf("%q, %v for\n%s", key, err, text)
		}
	}
}

// A build argument names the image that the build really takes.
func TestBuildArgumentsNameImages(t *testing.T) {
	for _, c := range []struct{ text, value, want string }{
		{"ARG A=1\nARG B=$A-slim\nFROM python:$B\n", "2", "python:2-slim"},
		{"ARG A\nFROM python:$A", "2", "python:2"},
		{"ARG A=1\nFROM $A\n", "it's", "it's"},
		{"ARG B=1\nFROM python:$B\n", "2", "python:1"},
	} {
		v := New(Options{Request: builder.Request{Args: map[string]string{"A": c.value}}})
		if got, known := v.images(c.text); !known || !slices.Equal(got, []string{c.want}) {
			t.Errorf("%q, %v for\n%s", got, known, c.text)
		}
	}
}

// A build that failed is tried again.
func TestAFailureIsNotKept(t *testing.T) {
	dir := t.TempDir()
	v := New(Options{Builder: registry{"a": "sha256:1", "b": "sha256:2"}, Cache: &Cache{Dir: dir}})
	for range 2 {
		report, err := v.Verify(t.Context(), Rewrite{Before: "FROM a\n", After: "FROM b\n"})
		if err != nil || report.Unproven == "" || report.Cached {
			t.Errorf("%+v, %v", report, err)
		}
	}
	if kept, err := os.ReadDir(dir); err != nil || len(kept) > 0 {
		t.Errorf("%v, %v", kept, err)
	}
}
