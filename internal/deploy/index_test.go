package deploy

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/internal/project"
)

func repository(files map[string]string) *project.Repository {
	tree := fstest.MapFS{}
	for name, content := range files {
		tree[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return project.NewRepository(tree)
}

const pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: org/app:1\n"

func TestIndex(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		named map[string]string
		want  []string // the files that run the Dockerfile's image
	}{
		{"compose builds it", map[string]string{"compose.yaml": "services: {a: {build: ., image: org/app}}", "k8s/pod.yaml": pod}, nil, []string{"compose.yaml", "k8s/pod.yaml"}},
		{"the user says so", map[string]string{"pod.yml": pod}, map[string]string{"org/app": "./Dockerfile"}, []string{"pod.yml"}},
		{"the user overrules a builder", map[string]string{"pod.yaml": pod, "other/Dockerfile": "FROM x\n", "other/build.sh": "docker build -t org/app .\n"}, map[string]string{"docker.io/org/app": "Dockerfile"}, []string{"pod.yaml"}},
		{"nothing builds it", map[string]string{"pod.yaml": pod}, nil, nil},
		{"two build it", map[string]string{"pod.yaml": pod, "b.Dockerfile": "FROM x\n", "a.sh": "docker build -t org/app .\ndocker build -f b.Dockerfile -t org/app .\n"}, nil, nil},
		{"another image of a name that ends the same", map[string]string{"pod.yaml": pod, "a.sh": "docker build -t ghcr.io/org/app .\n"}, nil, nil},
		{"kustomize renames it", map[string]string{"pod.yaml": pod, "o/kustomization.yaml": "images:\n- name: org/app\n  newName: ghcr.io/org/real\n  newTag: v1\n", "a.sh": "docker build -t ghcr.io/org/real .\n"}, nil, []string{"pod.yaml"}},
		{"a list, behind other documents", map[string]string{"a.sh": "docker build -t org/app .\n", "all.yaml": "kind: ConfigMap\napiVersion: v1\ndata:\n  x: |\n    {{ broken\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: batch/v1\n  kind: CronJob\n  spec: {jobTemplate: {spec: {template: {spec: {initContainers: [{name: a, image: org/app}]}}}}}\n"}, nil, []string{"all.yaml"}},
		{"another resource with containers", map[string]string{"a.sh": "docker build -t org/app .\n", "x.yaml": "apiVersion: example.org/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{image: org/app}]}}}\n"}, nil, nil},
		{"two projects of one repository", map[string]string{
			"a/pod.yaml": pod, "b/pod.yaml": pod, "pod.yaml": pod, "a/Dockerfile": "FROM x\n", "b/Dockerfile": "FROM x\n",
			"a/skaffold.yaml": "build: {artifacts: [{image: org/app, context: ..}]}\n", "b/skaffold.yaml": "build: {artifacts: [{image: org/app}]}\n"}, nil, []string{"a/pod.yaml"}},
		{"a name without owner, in its builder's folder", map[string]string{
			"a/hack/build.sh": "docker build -t front ../..\ndocker build -t front .\n", "a/pod.yaml": strings.Replace(pod, "org/app", "front", 1), "b/pod.yaml": strings.Replace(pod, "org/app", "front", 1)}, nil, []string{"a/pod.yaml"}},
		{"files that git ignores", map[string]string{
			"pod.yaml": pod, "dist/pod.yaml": pod, "a/b/pod.yaml": pod, "a/b/c.yaml": pod, ".gitignore": "/dist\n", "a/.gitignore": "b/*\n!b/c.yaml\n",
			"a.sh": "docker build -t org/app .\n"}, nil, []string{"a/b/c.yaml", "pod.yaml"}},
		{"values of a chart", map[string]string{"a.sh": "docker build -t ghcr.io/org/app .\n", "chart/values.yaml": "api:\n  image: {registry: ghcr.io, repository: org/app}\n  securityContext: {}\n"}, nil, []string{"chart/values.yaml"}},
		{"a template of a chart", map[string]string{"a.sh": "docker build -t org/app .\n", "t/pod.yaml": "apiVersion: v1\nkind: Pod\n{{- if .x }}\nspec: {containers: [{image: org/app}]}\n"}, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.files["Dockerfile"] = "FROM x\n"
			got := Of(repository(test.files), test.named).Files("Dockerfile")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLost(t *testing.T) {
	x := Of(repository(map[string]string{"Dockerfile": "FROM x\n", "pod.yaml": "# x\n---\n" + pod}), nil)
	want := []Lost{{File: "pod.yaml", Line: 8, Image: "org/app:1", Reason: "nothing here is known to build docker.io/org/app"}}
	if diff := cmp.Diff(want, x.Lost()); diff != "" {
		t.Errorf("lost (-want +got):\n%s", diff)
	}
	if _, reason := x.Image("docker.io/org/app", "pod.yaml"); reason != "nothing here is known to build docker.io/org/app" {
		t.Error(reason)
	}
}

// TestNothingKnown: an index without a repository answers every question.
func TestNothingKnown(t *testing.T) {
	for _, x := range []*Index{Of(nil, nil), Of(project.NewRepository(fstest.MapFS{}), nil)} {
		if len(x.Files("Dockerfile")) != 0 || len(x.Lost()) != 0 {
			t.Error("there are files in no repository")
		}
	}
}

func TestFiveThousandFiles(t *testing.T) {
	files := map[string]string{"Dockerfile": "FROM x\n", "a.sh": "docker build -t org/app .\n"}
	for i := range 5000 {
		files[fmt.Sprintf("d%d/m%d.yaml", i/50, i)] = strings.Repeat("apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n---\n", 5) + pod
	}
	x := Of(repository(files), nil)
	start := time.Now()
	if got := len(x.Files("Dockerfile")); got != 5000 {
		t.Errorf("%d files", got)
	}
	if took := time.Since(start); took > 6*time.Second {
		t.Errorf("it took %v", took) // thrice the promise, for a machine with other work
	} else {
		t.Log(took)
	}
}
