package config

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// schema gives the published schema, and the fixers' names that it knows.
func schema(t testing.TB) (*jsonschema.Schema, []string) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var names struct {
		Defs struct {
			Names struct{ Items struct{ Enum []string } }
		} `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(Schema), &names); err != nil {
		t.Fatal(err)
	}
	return compiled, names.Defs.Names.Items.Enum
}

// documents are configurations, with where and what the error is, "" for none.
var documents = map[string]string{
	"":                   "",
	"# nothing\n":        "",
	"only: []":           "",
	"safe: true":         "",
	"safe: false":        "",
	"exclude: [a]":       "",
	"contexts: {}":       "",
	"fixers: {}":         "",
	"{}":                 "",
	"skip: [x]":          `1:8: no fixer is called "x"`,
	"safe: yes":          "1:7: expected true or false",
	"safe: 1":            "1:7: expected true or false",
	"safe:":              "1:6: expected true or false",
	"onyl: []":           `1:1: unknown key "onyl"`,
	"only: a":            `1:7: expected a list, not "a"`,
	`exclude: [b, "[a"]`: `1:14: the pattern "[a" has a [ without a ]`,
	"exclude: [1]":       `1:11: expected a string, not "1"`,
	"[]":                 "1:1: expected keys and values, not a list",
	"text":               `1:1: expected keys and values, not "text"`,
	"safe: {":            "1:1: did not find",
	"1: 2":               `1:1: expected a string, not "1"`,
	"contexts: {a}":      `1:13: expected a string, not ""`,

	"only: [numeric-user]\nskip: [multistage]\n":               "",
	"contexts:\n  api/Dockerfile: .\n":                         "",
	"contexts:\n  api/Dockerfile: 1\n":                         `2:19: expected a string, not "1"`,
	"contexts:\n  api/Dockerfile: ''\n":                        `2:19: "" lies outside the folder of this file`,
	"fixers:\n  package-cleanup:\n    style: cache-mount\n":    "",
	"fixers:\n  package-cleanup:\n    style: cache\n":          "3:12: expected clean-up or cache-mount",
	"fixers:\n  package-cleanup:\n    stile: cache\n":          `3:5: unknown key "stile"`,
	"fixers:\n  multistage: {}\n":                              `2:3: unknown key "multistage"`,
	"fixers:\n  numeric-user: {add-user: never, uid: 10001}\n": "",
	"fixers:\n  numeric-user: {uid: 0}\n":                      "2:23: expected an ID from 1 to 2147483647",
	"fixers:\n  numeric-user: {uid: 2147483648}\n":             "2:23: expected an ID from 1 to 2147483647",
	"fixers:\n  numeric-user: {uid: '1001'}\n":                 "2:23: expected an ID from 1 to 2147483647",
	"fixers:\n  numeric-user: {add-user: always}\n":            "2:28: expected never or when-sound",
	"fixers:\n  numeric-user:\n    - uid\n":                    "3:5: expected keys and values, not a list",
	"fixers:\n  numeric-user: &a {}\n  package-cleanup: *a\n":  "3:20: expected keys and values, not an alias",
	"images:\n  registry.example/app: api/Dockerfile\n":        "",
	"images: [app]\n":                                          "1:9: expected keys and values, not a list",
	"images:\n  app: ../Dockerfile\n":                          `2:8: "../Dockerfile" lies outside the folder of this file`,
	"fixers:\n  kubernetes-user: {restricted-profile: true}\n": "",
	"fixers:\n  kubernetes-user: {restricted-profile: yes-}\n": "2:41: expected true or false",
	"fixers:\n  kubernetes-user: {profile: true}\n":            `2:21: unknown key "profile"`,
	"contexts:\n  Dockerfile: ../up\n":                         `2:15: "../up" lies outside the folder of this file`,
	"safe: true\nsafe: true\n":                                 `2:1: the key "safe" is there twice`,
	"safe: true\n---\nsafe: true\n":                            "2:1: there is more than one document",
	"safe: true\n\tonly: []\n":                                 "2:1: found a tab character",
}

// strictly are the documents that the schema cannot refuse: aliases, the spelling
// of paths and patterns, and what the YAML reader refuses before the schema is asked.
func strictly(want string) bool {
	for _, message := range []string{"alias", "outside", "twice", "more than one document", "did not find", "tab character", "the pattern"} {
		if strings.Contains(want, message) {
			return true
		}
	}
	return false
}

func TestParserAndSchemaAgree(t *testing.T) {
	schema, fixers := schema(t)
	for text, want := range documents {
		_, err := Parse(FileName, []byte(text), fixers)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), FileName+":"+want)):
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if strictly(want) {
			continue
		}
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if err := schema.Validate(value); (err == nil) != (want == "") {
			t.Errorf("%q: the schema says %v, the parser %q", text, err, want)
		}
	}
}

func TestSettings(t *testing.T) {
	_, fixers := schema(t)
	c, err := Parse("/repo/.drydock.yaml", []byte(`only: [numeric-user, multistage]
skip: [multistage]
safe: true
exclude: [legacy/]
contexts: {api/Dockerfile: ., ./web/Dockerfile: web/src}
images: {registry.example/app: api/Dockerfile}
fixers:
  package-cleanup: {style: cache-mount}
  numeric-user: {add-user: never, uid: 4711}
`), fixers)
	if err != nil {
		t.Fatal(err)
	}
	want := fix.Settings{CacheMounts: true, AddUser: fix.AddUserNever, UserID: 4711}
	if diff := cmp.Diff(want, c.Settings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	images := map[string]string{"registry.example/app": "repo/api/Dockerfile"}
	if diff := cmp.Diff(images, c.ImagesIn("/")); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
	if got := c.ImagesIn("/repo/web"); len(got) != 0 {
		t.Errorf("images outside of the root: %v", got)
	}
	if !c.Safe || len(c.Only) != 2 || len(c.Skip) != 1 {
		t.Errorf("Safe %v, Only %v, Skip %v", c.Safe, c.Only, c.Skip)
	}
	if !c.Excludes("/repo/a/legacy/Dockerfile") || c.Excludes("/repo/Dockerfile") || c.Excludes("/legacy/Dockerfile") {
		t.Error("exclude is not relative to the folder of the file")
	}
	for name, want := range map[string]string{"/repo/api/Dockerfile": "/repo", "/repo/web/Dockerfile": "/repo/web/src", "/repo/Dockerfile": ""} {
		got, ok := c.ContextOf(name)
		if ok != (want != "") || ok && got != want {
			t.Errorf("ContextOf(%s) = %q, %v", name, got, ok)
		}
	}
}

func TestFindStopsAtTheRepository(t *testing.T) {
	top := t.TempDir()
	for _, dir := range []string{"repo/.git", "repo/a/b", "repo/c"} {
		if err := os.MkdirAll(filepath.Join(top, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{FileName, "repo/a/" + FileName} {
		if err := os.WriteFile(filepath.Join(top, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for dir, want := range map[string]string{"repo/a/b": "repo/a/" + FileName, "repo/c": "", "repo": ""} {
		if want != "" {
			want = filepath.Join(top, want)
		}
		if got := Find(filepath.Join(top, dir)); got != want {
			t.Errorf("Find(%s) = %q, want %q", dir, got, want)
		}
	}
}

func TestLoadOfHostileFiles(t *testing.T) {
	dir := t.TempDir()
	fifo, huge, bomb := filepath.Join(dir, "fifo"), filepath.Join(dir, "huge"), filepath.Join(dir, "bomb")
	if err := syscall.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(huge, make([]byte, maxSize+1), 0o644); err != nil {
		t.Fatal(err)
	}
	aliases := "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nexclude: [*c,*c]\n"
	if err := os.WriteFile(bomb, []byte(aliases), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		fifo: "1:1: not a regular file", huge: "1:1: larger than 64 KiB", dir: "1:1: not a regular file",
		filepath.Join(dir, "gone"): "1:1: no such file", bomb: `1:1: unknown key "a"`,
	} {
		_, err := Load(name, nil)
		var at *Error
		if !errors.As(err, &at) || !strings.HasPrefix(err.Error(), name+":"+want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	schema, fixers := schema(f)
	for text := range documents {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Parse(FileName, []byte(text), fixers); err != nil {
			var at *Error
			if !errors.As(err, &at) || at.Line < 1 || at.Column < 1 || at.Message == "" {
				t.Errorf("the error %v has no position", err)
			}
			return
		}
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Fatalf("the parser takes what is no YAML: %v", err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("the parser takes what the schema refuses: %v", err)
		}
	})
}

func TestIgnores(t *testing.T) {
	file := syntax.Parse(source.New("Dockerfile", `# drydock: ignore-file=multistage,apt-keyring built elsewhere

# drydock: ignore=package-cleanup far away

# drydock: ignore=numeric-user
FROM alpine
# drydock: ignore-file=dependency-copy not at the top
# drydock: ignore=package-cleanup,numeric-user we like it
# another comment
RUN apk add a
RUN apk add b
RUN <<EOT
# drydock: ignore=package-cleanup
EOT
USER a # drydock: ignore=numeric-user
`))
	for _, test := range []struct {
		inst   int
		fixer  string
		reason string // "" if it is not suppressed
	}{
		{0, "multistage", "built elsewhere"},
		{3, "apt-keyring", "built elsewhere"},
		{0, "numeric-user", "a comment says to ignore it"},
		{0, "package-cleanup", ""},
		{0, "dependency-copy", ""},
		{1, "package-cleanup", "we like it"},
		{1, "numeric-user", "we like it"},
		{2, "package-cleanup", ""},
		{3, "package-cleanup", ""},
		{4, "numeric-user", ""},
	} {
		reason, ok := Suppressed(file, test.fixer, file.Instructions[test.inst].Span)
		if reason != test.reason || ok != (test.reason != "") {
			t.Errorf("instruction %d, %s: %q, %v", test.inst, test.fixer, reason, ok)
		}
	}
	var astray []int
	for _, offset := range Astray(file) {
		astray = append(astray, file.Position(offset).Line)
	}
	if diff := cmp.Diff([]int{3, 7}, astray); diff != "" {
		t.Errorf("the lines of comments that say nothing (-want +got):\n%s", diff)
	}
	both := source.Span{Start: file.Instructions[1].Span.Start, End: file.Instructions[2].Span.End}
	if _, ok := Suppressed(file, "package-cleanup", both); !ok {
		t.Error("a span over two instructions is not suppressed by a comment above one")
	}
}
