package project

import (
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"
)

func TestFind(t *testing.T) {
	tree := fstest.MapFS{
		"Dockerfile":                {},
		"api/Dockerfile.dev":        {},
		"api/web.Dockerfile":        {},
		"node_modules/x/Dockerfile": {},
		"vendor/x/Dockerfile":       {},
		"README.md":                 {},
		"Dockerfile.j2":             {},
		"link/Dockerfile":           {Mode: fs.ModeSymlink},
		"sub/Dockerfile":            {Mode: fs.ModeIrregular},
	}
	files, skipped, err := Find(tree)
	if err != nil || !slices.Equal(files, []string{"Dockerfile", "api/Dockerfile.dev", "api/web.Dockerfile"}) {
		t.Errorf("%v, %v", files, err)
	}
	var told []string
	for _, s := range skipped {
		told = append(told, s.String())
	}
	want := []string{"Dockerfile.j2: skipped: a template (.j2, Jinja)", "link/Dockerfile: skipped: a symlink", "sub/Dockerfile: skipped: not a regular file"}
	if !slices.Equal(told, want) {
		t.Errorf("%q", told)
	}
}

func TestCodeowners(t *testing.T) {
	tree := fstest.MapFS{"CODEOWNERS": {Data: []byte(`# owners
*        @acme/all   # everything
/api/    @ann ops@example.com
*.dockerfile @bob
/legacy/
!/x @no
`)}}
	c := ReadCodeowners(tree)
	for name, want := range map[string][]string{
		"Dockerfile":       {"@acme/all"},
		"api/Dockerfile":   {"@ann", "ops@example.com"},
		"x/web.dockerfile": {"@bob"},
		"legacy/a":         {},
		"x/Dockerfile":     {"@acme/all"},
	} {
		if got := c.Of(name); !slices.Equal(got, want) {
			t.Errorf("%s: %v, not %v", name, got, want)
		}
	}
	if got := ReadCodeowners(fstest.MapFS{}).Of("Dockerfile"); got != nil {
		t.Error(got)
	}
}
