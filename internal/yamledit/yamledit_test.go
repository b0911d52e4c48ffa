package yamledit_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// at follows keys and item numbers down from the first document.
func at(t *testing.T, f *yamledit.File, path string) *yaml.Node {
	t.Helper()
	n := f.Documents[len(f.Documents)-1].Content[0]
	for part := range strings.FieldsSeq(path) {
		if n.Kind == yaml.SequenceNode {
			n = n.Content[int(part[0]-'0')]
			continue
		}
		if _, n = yamledit.Get(n, part); n == nil {
			t.Fatalf("no %s in %s", part, path)
		}
	}
	return n
}

func changed(f *yamledit.File, c *yamledit.Changes) (string, error) {
	edits, err := c.Edits()
	if err != nil {
		return "", err
	}
	return edit.Apply(f.Text, edits)
}

var numbers = yamledit.Mapping(
	yamledit.Entry{Key: "runAsUser", Value: yamledit.Scalar("1001")},
	yamledit.Entry{Key: "drop", Value: yamledit.List("ALL")},
)

func TestPut(t *testing.T) {
	for _, test := range []struct{ name, path, text, want string }{
		{"at the end of a mapping in a list", "c 0",
			"c:\n  - name: a\n    image: b # here\n  - name: d\n",
			"c:\n  - name: a\n    image: b # here\n    new:\n      runAsUser: 1001\n      drop:\n        - ALL\n  - name: d\n"},
		{"a list that is not indented", "c 0",
			"c:\n- name: a\n  args:\n  - x\n- name: d\n",
			"c:\n- name: a\n  args:\n  - x\n  new:\n    runAsUser: 1001\n    drop:\n    - ALL\n- name: d\n"},
		{"the file's own step", "a b",
			"a:\n    b:\n        c: 1\n",
			"a:\n    b:\n        c: 1\n        new:\n            runAsUser: 1001\n            drop:\n                - ALL\n"},
		{"carriage returns", "a", "a:\r\n  b: 1\r\nz: 2\r\n", "a:\r\n  b: 1\r\n  new:\r\n    runAsUser: 1001\r\n    drop:\r\n      - ALL\r\nz: 2\r\n"},
		{"no line end at the end", "a", "a:\n  b: 1", "a:\n  b: 1\n  new:\n    runAsUser: 1001\n    drop:\n      - ALL"},
		{"braces", "a", "a: {b: 1}\n", "a: {b: 1, new: {runAsUser: 1001, drop: [ALL]}}\n"},
		{"braces with blanks", "a", "a: { b: 1 } # c\n", "a: { b: 1, new: { runAsUser: 1001, drop: [ALL] } } # c\n"},
		{"JSON over several lines", "a",
			"{\n  \"a\": {\n    \"b\": 1\n  }\n}\n",
			"{\n  \"a\": {\n    \"b\": 1,\n    \"new\": {\"runAsUser\": 1001, \"drop\": [\"ALL\"]}\n  }\n}\n"},
		{"an empty mapping", "a", "a: {} # none\nb: 1\n", "a: # none\n  new:\n    runAsUser: 1001\n    drop:\n      - ALL\nb: 1\n"},
		{"an empty mapping in braces", "x a", "x: {a: {}}\n", "x: {a: {new: {runAsUser: 1001, drop: [ALL]}}}\n"},
		{"no value, and comments in its place", "a", "a:\n  # fsGroup: 1\nb: 1\n", "a:\n  new:\n    runAsUser: 1001\n    drop:\n      - ALL\n  # fsGroup: 1\nb: 1\n"},
		{"below comments that belong to it", "c 0", "c:\n- a: 1\n  # b: 2\n# other\n- a: 2\n", "c:\n- a: 1\n  # b: 2\n  new:\n    runAsUser: 1001\n    drop:\n    - ALL\n# other\n- a: 2\n"},
		{"behind a literal that keeps its blank lines", "a", "a:\n  b: |+\n    x\n\nc: 1\n", "a:\n  b: |+\n    x\n\n  new:\n    runAsUser: 1001\n    drop:\n      - ALL\nc: 1\n"},
		{"behind a literal that does not", "a", "a:\n  b: |\n    x\n    # no comment\n\nc: 1\n", "a:\n  b: |\n    x\n    # no comment\n  new:\n    runAsUser: 1001\n    drop:\n      - ALL\n\nc: 1\n"},
		{"behind plain text of several lines", "a", "a:\n  b: x y\n     z\nc: 1\n", "a:\n  b: x y\n     z\n  new:\n    runAsUser: 1001\n    drop:\n      - ALL\nc: 1\n"},
		{"behind quoted text that has everything", "a", "a:\n  b: 'it''s: # {x'\nc: 1\n", "a:\n  b: 'it''s: # {x'\n  new:\n    runAsUser: 1001\n    drop:\n      - ALL\nc: 1\n"},
		{"several documents, markers and a BOM", "a", "\ufeffx: é\n---\na:\n  b: 1\n...\n", "\ufeffx: é\n---\na:\n  b: 1\n  new:\n    runAsUser: 1001\n    drop:\n      - ALL\n...\n"},
		{"wide letters before it", "a é", "a: {é: {x: ü}, b: 1}\n", "a: {é: {x: ü, new: {runAsUser: 1001, drop: [ALL]}}, b: 1}\n"},
		{"behind an anchor that nothing uses", "a", "a: &x\n  b: 1\n", "a: &x\n  b: 1\n  new:\n    runAsUser: 1001\n    drop:\n      - ALL\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := yamledit.Parse("a.yaml", test.text)
			if err != nil {
				t.Fatal(err)
			}
			c := f.Change()
			c.Put(at(t, f, test.path), "new", numbers)
			if got, err := changed(f, c); err != nil || got != test.want {
				t.Errorf("%v\n--- got\n%s\n--- want\n%s", err, got, test.want)
			}
		})
	}
}

func TestSeveralPuts(t *testing.T) {
	f, err := yamledit.Parse("a.yaml", "spec:\n  s:\n    a: 1\n    z: 2\n  c:\n    x: {}\n")
	if err != nil {
		t.Fatal(err)
	}
	c := f.Change()
	s := at(t, f, "spec s")
	c.Put(at(t, f, "spec"), "new", yamledit.Scalar("true"))
	c.Put(at(t, f, "spec c x"), "deep", yamledit.Scalar("1"))
	c.Put(at(t, f, "spec c x"), "deeper", yamledit.Scalar("2"))
	c.PutAfter(s, s.Content[0], "b", yamledit.Scalar("1"))
	c.Put(s, "x", yamledit.Scalar("1"))
	c.PutAfter(s, s.Content[2], "y", yamledit.Scalar("1"))
	c.Put(s, "w", yamledit.Scalar("1"))
	want := "spec:\n  s:\n    a: 1\n    b: 1\n    z: 2\n    x: 1\n    y: 1\n    w: 1\n  c:\n    x:\n      deep: 1\n      deeper: 2\n  new: true\n"
	if got, err := changed(f, c); err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestSetString(t *testing.T) {
	for text, want := range map[string]string{
		"user: app # me\n":       "user: \"1001\" # me\n",
		"user: 'app'\n":          "user: '1001'\n",
		"user: \"app\"\nb: 'c'":  "user: \"1001\"\nb: 'c'",
		"b: 'c'\nuser: app\n":    "b: 'c'\nuser: '1001'\n",
		"{user: app, b: {}}\n":   "{user: \"1001\", b: {}}\n",
		"user: \"a\\\"p\" # p\n": "user: \"1001\" # p\n",
	} {
		f, err := yamledit.Parse("a.yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		c := f.Change()
		c.SetString(at(t, f, "user"), "1001")
		if got, err := changed(f, c); err != nil || got != want {
			t.Errorf("%q: %v, %q", text, err, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct{ path, text, want string }{
		{"a", "a: &x {b: 1}\nc: *x\n", "line 1 is shared through the anchor &x"},
		{"a b", "a: &x\n  b: {c: 1}\nd:\n  <<: *x\n", "line 2 is shared through the anchor &x"},
		{"d", "a: &x\n  b: 1\nd:\n  <<: *x\n", "line 4 merges another mapping"},
		{"a", "a: [b]\n", "line 1 holds no keys"},
		{"a", "a:\n  new: 1\n", "line 2 has new already"},
		{"a", "a:\n  ? b\n  : c\n", "the key in line 2 does not begin its line"},
		{"a 0", "a: [b: 1]\n", "the mapping in line 1 has no braces"},
	} {
		f, err := yamledit.Parse("a.yaml", test.text)
		if err != nil {
			t.Fatal(err)
		}
		c := f.Change()
		c.Put(at(t, f, test.path), "new", yamledit.Scalar("1"))
		if got, err := changed(f, c); err == nil || err.Error() != test.want {
			t.Errorf("%q: %v, want %s\n%s", test.text, err, test.want, got)
		}
	}
}

func TestLeftAlone(t *testing.T) {
	for text, want := range map[string]string{
		"a: {{ .Values.a }}\n":       "it is a template: line 1 has {{",
		"a: \"{{ .Values.a }}\"\n":   "it is a template: line 1 has {{",
		"a: x\n{{- if .b }}\nc: d\n": "it does not parse",
		"a: b: c\n":                  "it does not parse",
		"a: \xff\n":                  "it is not UTF-8",
		"b:\n- a: 1\n  a: 2\n":       "it does not parse: line 3 has the key a again",
		"a\rb: c\n":                  "it has carriage returns inside of lines",
		"a: b\u2028c: d\n":           "it has line ends that only some parsers know",
	} {
		if _, err := yamledit.Parse("a.yaml", text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"a: |\n  {{ .x }}\n", "a: ${X}\n", "# {{ x }}\na: b\n", ""} {
		if _, err := yamledit.Parse("a.yaml", text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
