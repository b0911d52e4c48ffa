package local_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/local"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// TestOneBranchHasOneOpenPullRequest, whoever asks at the same time.
func TestOneBranchHasOneOpenPullRequest(t *testing.T) {
	dir := t.TempDir()
	gittest.Bare(t, filepath.Join(dir, "acme/shop.git"), map[string]string{"Dockerfile": "FROM a\n"})
	f := local.Forge{Dir: dir}
	r, err := f.Repository(t.Context(), "acme/shop")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		// The error is that of the others: there is one already.
		all.Go(func() { f.Open(context.Background(), r, forge.Head{Branch: "b"}, forge.Proposal{Title: "T"}) })
	}
	all.Wait()
	pulls, err := f.Pulls(t.Context(), r, forge.Head{Branch: "b"})
	if err != nil || len(pulls) != 1 || pulls[0].State != forge.Open {
		t.Fatalf("%v, %v", pulls, err)
	}
	if err := f.Close(t.Context(), r, 1); err != nil {
		t.Fatal(err)
	}
	if pulls, _ = f.Pulls(t.Context(), r, forge.Head{Branch: "b"}); pulls[0].State != forge.Closed {
		t.Errorf("%v", pulls)
	}
}
