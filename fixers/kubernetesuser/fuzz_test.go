package kubernetesuser_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/fixers/kubernetesuser"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

// FuzzManifest rewrites any file as a manifest, as values and as a compose file:
// without the keys that the fixer may add, and users that it may number, the
// content is what it was.
func FuzzManifest(f *testing.F) {
	f.Add("apiVersion: v1\nkind: Pod\nspec:\n  securityContext: {runAsUser: 1001}\n  containers:\n  - image: org/app # c\n    volumeMounts: [{name: d}]\n  volumes:\n  - name: d\n    ephemeral: {}\n", true)
	f.Add("image: {repository: org/app}\nsecurityContext: {}\npodSecurityContext:\n", false)
	f.Add("services:\n  a: {image: org/app, user: 'app'}\n  b:\n    build: .\n    user: app:app\n", false)
	f.Add("kind: List\nitems:\n- &a\n  apiVersion: apps/v1\n  kind: Deployment\n  spec: {template: {spec: {containers: [{image: org/app, securityContext: null}]}}}\n- *a\n", true)
	const dockerfile = "FROM debian:12\nRUN groupadd -g 1001 app && useradd -u 1001 -g app app\nUSER 1001\n"
	f.Fuzz(func(t *testing.T, text string, restricted bool) {
		tree := fstest.MapFS{"Dockerfile": {Data: []byte(dockerfile)}}
		for _, name := range []string{"a.yaml", "values.yaml", "compose.yaml"} {
			tree[name] = &fstest.MapFile{Data: []byte(text)}
		}
		in := engine.Input{Name: "Dockerfile", Text: dockerfile, Repository: project.NewRepository(tree), Path: "Dockerfile"}
		in.Settings.Images, in.Settings.RestrictedProfile = map[string]string{"org/app": "Dockerfile"}, restricted
		result, err := engine.Run(context.Background(), in, []fix.Fixer{kubernetesuser.Fixer})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range result.Outcomes {
			if o.Status == engine.Quarantined {
				t.Errorf("quarantined: %s", o.Reason)
			}
		}
		in.Left = map[string]string{}
		for _, other := range result.Others {
			in.Left[other.Path] = other.After
			before, err := bare(other.Before)
			if err != nil {
				continue // decoding refuses more than parsing
			}
			after, err := bare(other.After)
			if err != nil || !reflect.DeepEqual(before, after) {
				t.Errorf("%s: %q becomes %q (%v)", other.Path, other.Before, other.After, err)
			}
		}
		again, err := engine.Run(context.Background(), in, []fix.Fixer{kubernetesuser.Fixer})
		if err != nil || len(again.Others) > 0 {
			t.Errorf("%q changes a second time: %v, %v", text, err, again.Others)
		}
	})
}

// bare gives the documents of a text without what the fixer adds.
func bare(text string) ([]any, error) {
	added := []string{"securityContext", "podSecurityContext", "containerSecurityContext", "user"}
	var strip func(value any) any
	strip = func(value any) any {
		switch value := value.(type) {
		case map[string]any:
			for key := range value {
				if slices.Contains(added, key) {
					delete(value, key)
					continue
				}
				value[key] = strip(value[key])
			}
		case []any:
			for i := range value {
				value[i] = strip(value[i])
			}
		case float64:
			if value != value {
				return "NaN"
			}
		}
		return value
	}
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
		all = append(all, strip(value))
	}
}
