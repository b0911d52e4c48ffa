package project

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// writeTree makes files below a new folder, a trailing slash making a folder,
// "-> target" as content a symlink.
func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		full := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, isLink := strings.CutPrefix(content, "-> "); isLink {
			err = os.Symlink(target, full)
		} else if strings.HasSuffix(name, "/") {
			err = os.MkdirAll(full, 0o755)
		} else {
			err = os.WriteFile(full, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func relative(t *testing.T, root string, d Discovery) (files, skipped []string) {
	t.Helper()
	rel := func(name string) string {
		r, err := filepath.Rel(root, name)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(r)
	}
	for _, f := range d.Files {
		files = append(files, rel(f.Path))
	}
	for _, s := range d.Skipped {
		skipped = append(skipped, rel(s.Path)+": "+strings.ReplaceAll(s.Reason, root, "ROOT"))
	}
	return files, skipped
}

func TestDiscoverWalksByName(t *testing.T) {
	root := writeTree(t, map[string]string{
		"Dockerfile": "", "Dockerfile.dev": "", "api.Dockerfile": "", "web.dockerfile": "",
		"Containerfile": "", "Containerfile.ci": "", "x.Containerfile": "",
		"Dockerfile.dockerignore": "", "dockerfile": "", "Dockerfiles": "", "MyDockerfile": "",
		"Dockerfile.j2": "", "Dockerfile.in": "", "Dockerfile.md": "", "Dockerfile~": "", "Dockerfile.orig": "",
		"node_modules/p/Dockerfile": "", "vendor/p/Dockerfile": "", ".git/Dockerfile": "", "a/b/Dockerfile": "",
	})
	files, skipped := relative(t, root, Discover([]string{root}))
	want := []string{"Containerfile", "Containerfile.ci", "Dockerfile", "Dockerfile.dev", "a/b/Dockerfile",
		"api.Dockerfile", "web.dockerfile", "x.Containerfile"}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	wantSkipped := []string{"Dockerfile.in: a template (.in, autoconf)", "Dockerfile.j2: a template (.j2, Jinja)",
		"Dockerfile.md: a document (.md)", "Dockerfile.orig: a backup or a leftover (.orig)"}
	if diff := cmp.Diff(wantSkipped, skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestDiscoverHonoursGitignore(t *testing.T) {
	root := writeTree(t, map[string]string{
		".git/":              "",
		".gitignore":         "build/\n/top.Dockerfile\n*.dockerfile\n!keep.dockerfile\n",
		"build/Dockerfile":   "",
		"top.Dockerfile":     "",
		"a/top.Dockerfile":   "",
		"x.dockerfile":       "",
		"keep.dockerfile":    "",
		"sub/.gitignore":     "Dockerfile.local\n!y.dockerfile\n",
		"sub/Dockerfile":     "",
		"sub/y.dockerfile":   "",
		"sub/d/z.dockerfile": "",
		"Dockerfile.local":   "",

		"sub/d/Dockerfile.local": "",
	})
	files, _ := relative(t, root, Discover([]string{root}))
	want := []string{"Dockerfile.local", "a/top.Dockerfile", "keep.dockerfile", "sub/Dockerfile", "sub/y.dockerfile"}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("from the root (-want +got):\n%s", diff)
	}
	files, _ = relative(t, root, Discover([]string{filepath.Join(root, "sub")}))
	if diff := cmp.Diff([]string{"sub/Dockerfile", "sub/y.dockerfile"}, files); diff != "" {
		t.Errorf("from a folder below it (-want +got):\n%s", diff)
	}
	files, _ = relative(t, root, Discover([]string{filepath.Join(root, "x.dockerfile")}))
	if diff := cmp.Diff([]string{"x.dockerfile"}, files); diff != "" {
		t.Errorf("named by hand (-want +got):\n%s", diff)
	}
}

func TestDiscoverReportsWhatCannotBeRead(t *testing.T) {
	outside := writeTree(t, map[string]string{"Dockerfile": ""})
	root := writeTree(t, map[string]string{
		"Dockerfile/":           "",
		"Dockerfile/inner/":     "",
		"Dockerfile/Dockerfile": "",
		"ok/Dockerfile":         "",
		"ok/Dockerfile.link":    "-> Dockerfile",
		"ok/Dockerfile.shared":  "-> ../shared/base",
		"shared/base":           "",
		"out/Dockerfile":        "-> " + filepath.Join(outside, "Dockerfile"),
		"gone/Dockerfile":       "-> nowhere",
	})
	if err := syscall.Mkfifo(filepath.Join(root, "Dockerfile.fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	d := Discover([]string{root, filepath.Join(root, "missing")})
	files, skipped := relative(t, root, d)
	if diff := cmp.Diff([]string{"Dockerfile/Dockerfile", "ok/Dockerfile", "ok/Dockerfile.shared"}, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	wantSkipped := []string{"Dockerfile.fifo: not a regular file", "gone/Dockerfile: a symlink that leads nowhere",
		"ok/Dockerfile.link: a symlink to ok/Dockerfile", "out/Dockerfile: a symlink that leaves ROOT"}
	if diff := cmp.Diff(wantSkipped, skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	var failed []string
	for _, err := range d.Failed {
		failed = append(failed, strings.ReplaceAll(err.Error(), root, "ROOT"))
	}
	wantFailed := []string{"stat ROOT/missing: no such file or directory"}
	if diff := cmp.Diff(wantFailed, failed); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
}

func TestDiscoverTakesEachFileOnce(t *testing.T) {
	root := writeTree(t, map[string]string{"Dockerfile": "", "a/Dockerfile": ""})
	files, _ := relative(t, root, Discover([]string{filepath.Join(root, "a"), root, filepath.Join(root, "Dockerfile")}))
	if diff := cmp.Diff([]string{"a/Dockerfile", "Dockerfile"}, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestGitignoreAgreesWithGit asks git itself about every pattern and path.
func TestGitignoreAgreesWithGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatalf("git is the oracle of this test: %v", err)
	}
	root := writeTree(t, map[string]string{"a/b/c/Dockerfile": "", "build/x/f": "", "b/c/f": "", "foo bar": "", "a/foo.o": "", "#x": ""})
	if out, err := exec.Command(git, "init", "-q", root).CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	paths := []string{"a/b/c/Dockerfile", "a/b/c", "a/b", "a", "build", "build/x/f", "b/c/f", "foo bar", "a/foo.o", "#x"}
	for _, patterns := range []string{
		"a", "a/", "/a", "b", "/b", "a/b", "b/c", "**/b/c", "a/**", "a/**/c", "**/Dockerfile", "*.o", "/*.o",
		"a/*.o", "build/\n!build/", "*\n!a", "foo\\ bar", "foo bar ", "[!b]", "\\#x", "#x", "a/**/Dockerfile",
		"**", "*/b", "[", "a//b", "/", "!a", "a\r",
	} {
		if err := os.WriteFile(filepath.Join(root, ".gitignore"), []byte(patterns+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		rules := []gitignore{parseGitignore(".", patterns)}
		for _, name := range paths {
			got := false
			segments := strings.Split(name, "/")
			for i := range segments {
				prefix := strings.Join(segments[:i+1], "/")
				info, err := os.Stat(filepath.Join(root, prefix))
				got = got || ignoredByGit(rules, prefix, err == nil && info.IsDir())
			}
			want := exec.Command(git, "-C", root, "check-ignore", "-q", "--no-index", "--", name).Run() == nil
			if got != want {
				t.Errorf("pattern %q, path %q: got %v, git says %v", patterns, name, got, want)
			}
		}
	}
}

func TestTemplateMarker(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"jinja statement", "FROM a\n{% if x %}\nRUN y\n", "{% if x %}"},
		{"erb statement", "FROM a\n<% if x -%>\n", "<% if x -%>"},
		{"erb image", "FROM <%= image %>\n", "<%= image %>"},
		{"jinja image", "FROM {{ base }}:1\n", "{{ base }}"},
		{"instruction", "FROM a\n{{ install }}\n", "{{ install }}"},
		{"path", "FROM a\nCOPY . /srv/{{ name }}\n", "{{ name }}"},
		{"environment", "FROM a\nENV A {{ b }}\n", "{{ b }}"},
		{"a program's format", "FROM a\nENV A={{.Name}}\nCMD [\"x\", \"{{E .V}}\"]\nLABEL a={{b}}\n", ""},
		{"docker inspect", "FROM a\nRUN docker inspect --format {{.Id}} x\n", ""},
		{"quoted statement", "FROM a\nRUN echo '{% if x %}' > t\n", ""},
		{"heredoc", "FROM a\nCOPY <<EOF /t\n{% if x %}\n{{ y }}\nEOF\n", ""},
		{"comment", "# {% x %}\nFROM a\n", ""},
		{"continuation", "FROM a\nRUN x \\\n  {{.y}}\n", ""},
		{"curl format", "FROM a\nRUN curl -w %{http_code} {%x\n", ""},
		{"here-string", "FROM a\nRUN cat <<< $((1<<2))\n{{ x }}\n", "{{ x }}"},
	} {
		got, found := TemplateMarker(test.text)
		if got != test.want || found != (test.want != "") {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
