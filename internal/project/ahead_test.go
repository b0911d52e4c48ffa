package project

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestAhead(t *testing.T) {
	tree := fstest.MapFS{}
	for _, name := range []string{
		"src/main.go", "k8s/pod.yaml", "go.mod", "Makefile", ".github/workflows/ci.yml", "api/Dockerfile", "api/.dockerignore",
		"node_modules/x/Dockerfile", "README.md", ".drydock.yaml",
	} {
		tree[name] = &fstest.MapFile{}
	}
	want := []string{"api/Dockerfile", ".drydock.yaml", "api/.dockerignore", ".github/workflows/ci.yml", "Makefile", "go.mod", "k8s/pod.yaml"}
	got, err := Ahead(tree)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	delete(tree, "api/Dockerfile")
	if got, err := Ahead(tree); len(got) > 0 || err != nil {
		t.Errorf("no Dockerfile needs %v, %v", got, err)
	}
}
