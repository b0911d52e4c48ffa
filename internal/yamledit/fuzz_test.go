package yamledit_test

import (
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// FuzzChange puts a key into a mapping of any YAML file, or sets one of its
// strings, and holds the result to its decoded values: those of before but for
// the one place. Each inserted byte taken away again, the text is the old one.
func FuzzChange(f *testing.F) {
	for _, text := range []string{
		"a:\n  - b: c # d\n    e: |+\n      f\n\n  - {g: 'h', \"i\": [j, {k: l}]}\n",
		"a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n---\n? e\n: - f\n  - - g: h\n",
		"a:\r\n- b:\r\n- c: >-\r\n    d\r\n# e\r\n",
		"!!map {a: !!str b, c: &d e}", "a: \"b\n  c\"\nd: 'e\n\n  f'\ng: h\n i\n", "- a: {}\n  b: ~\n  c:\n", "\ufeff{\"a\": {\n  \"b\": 1, # c\n  }}\n",
	} {
		f.Add(text, uint(0), false)
		f.Add(text, uint(3), true)
	}
	f.Fuzz(func(t *testing.T, text string, which uint, set bool) {
		file, err := yamledit.Parse("a.yaml", text)
		if err != nil {
			return
		}
		n := pick(file, which, set)
		if n == nil {
			return
		}
		c := file.Change()
		if set {
			c.SetString(n, "1001")
		} else {
			c.Put(n, "added", numbers)
		}
		edits, err := c.Edits()
		if err != nil {
			return
		}
		got, err := edit.Apply(text, edits)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range edits {
			if old := text[e.Start:e.End]; !set && strings.Trim(old, " \t{}\r\n") != "" && !strings.Contains(old, "#") {
				t.Errorf("a put takes %q away", old)
			}
		}
		before, err := values(text)
		if err != nil {
			return // decoding refuses more than parsing
		}
		after, err := values(got)
		if err != nil {
			t.Fatalf("%q becomes %q: %v", text, got, err)
		}
		if places := differences(before, after); places != 1 {
			t.Errorf("%q becomes %q: %d places differ", text, got, places)
		}
	})
}

// pick gives one of the mappings and empty values, or of the scalars.
func pick(f *yamledit.File, which uint, scalars bool) *yaml.Node {
	var all []*yaml.Node
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		switch {
		case scalars && n.Kind == yaml.ScalarNode, !scalars && n.Kind == yaml.MappingNode, !scalars && n.Tag == "!!null":
			all = append(all, n)
		}
		for i, child := range n.Content {
			if n.Kind != yaml.MappingNode || i%2 == 1 {
				visit(child)
			}
		}
	}
	for _, document := range f.Documents {
		visit(document)
	}
	if len(all) == 0 {
		return nil
	}
	return all[which%uint(len(all))]
}

func values(text string) ([]any, error) {
	var all []any
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var value any
		if err := decoder.Decode(&value); err != nil {
			if err.Error() == "EOF" {
				return all, nil
			}
			return nil, err
		}
		all = append(all, value)
	}
}

// differences counts the places in which two values differ. Keys that are no
// strings are compared by what they print as.
func differences(a, b any) int {
	switch was := a.(type) {
	case []any:
		now, ok := b.([]any)
		if !ok || len(now) != len(was) {
			return 1
		}
		count := 0
		for i := range was {
			count += differences(was[i], now[i])
		}
		return count
	case map[string]any:
		now, ok := b.(map[string]any)
		if !ok {
			return 1
		}
		count := 0
		for key, value := range was {
			if _, ok := now[key]; !ok {
				count += 100
			} else {
				count += differences(value, now[key])
			}
		}
		for key := range now {
			if _, ok := was[key]; !ok {
				count++
			}
		}
		return count
	case map[any]any:
		now, ok := b.(map[any]any)
		if !ok {
			return 1
		}
		count := 0
		for key, value := range was {
			if other, ok := now[key]; ok {
				count += differences(value, other)
			} else if key == key { // not NaN
				count += 100
			}
		}
		return count + len(now) - len(was)
	}
	if reflect.DeepEqual(a, b) || a != a && b != b {
		return 0
	}
	return 1
}

func TestDifferences(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"a: 1", "a: 1", 0}, {"a: [1, 2]", "a: [1, 3]", 1}, {"a: 1", "a: 1\nb: 2", 1}, {"a: 1", "b: 1", 101}} {
		before, _ := values(test.a)
		after, _ := values(test.b)
		if got := differences(before, after); got != test.want {
			t.Errorf("%s and %s differ in %d places", test.a, test.b, got)
		}
	}
}
