package local_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/local"
	"github.com/drydock-dev/drydock/internal/git"
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

func TestListsAFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"acme/shop.git", "acme/deep/api.git", "else/x.git"} {
		gittest.Bare(t, filepath.Join(dir, name), map[string]string{"Dockerfile": "FROM a\n"})
	}
	f := local.Forge{Dir: dir}
	for owner, want := range map[string]string{"": "acme/deep/api acme/shop else/x", "acme": "acme/deep/api acme/shop", "else": "else/x"} {
		var got []string
		for r, err := range f.List(t.Context(), forge.Owner{Name: owner}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r.Name)
			if o, _, _ := strings.Cut(r.Name, "/"); r.Owner != o || r.DefaultBranch != "main" {
				t.Errorf("%+v", r)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", owner, got)
		}
	}
	for _, owner := range []string{"nobody", "..", "../..", "/"} {
		for _, err := range f.List(t.Context(), forge.Owner{Name: owner}) {
			if !errors.Is(err, forge.ErrNotFound) {
				t.Errorf("%s: %v", owner, err)
			}
		}
	}
}

func TestABranchIsDeletedAndAnIssueAnswered(t *testing.T) {
	dir := t.TempDir()
	bare := filepath.Join(dir, "shop.git")
	gittest.Bare(t, bare, map[string]string{"Dockerfile": "FROM a\n"})
	f := local.Forge{Dir: dir}
	r, err := f.Repository(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	at := git.Hash(gittest.Run(t, bare, "rev-parse", "main"))
	gittest.Run(t, bare, "branch", "b", "main")
	if err := f.DeleteBranch(t.Context(), r, "b", "0123"); !errors.Is(err, git.ErrMoved) {
		t.Error(err)
	}
	for range 2 {
		if err := f.DeleteBranch(t.Context(), r, "b", at); err != nil {
			t.Error(err)
		}
	}
	if got := gittest.Run(t, bare, "branch", "--list", "b"); got != "" {
		t.Error(got)
	}
	asked, err := f.OpenIssue(t.Context(), r, "May drydock?", "Say so.\n")
	if err != nil {
		t.Fatal(err)
	}
	if all, err := f.Issues(t.Context(), r); err != nil || len(all) != 1 || all[0] != asked || !asked.Open {
		t.Errorf("%v, %v", all, err)
	}
	name, _, _ := strings.Cut(asked.URL, "#")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	answered := strings.Replace(string(text), `"Comments": []`, `"Comments": [{"Author": "me", "Text": "drydock go"}]`, 1)
	if err := os.WriteFile(name, []byte(answered), 0o644); err != nil {
		t.Fatal(err)
	}
	if said, err := f.Remarks(t.Context(), r, asked.Number); err != nil || len(said) != 1 || said[0].Text != "drydock go" {
		t.Errorf("%v, %v", said, err)
	}
	if err := f.CloseIssue(t.Context(), r, asked.Number, "Over."); err != nil {
		t.Error(err)
	}
	if all, _ := f.Issues(t.Context(), r); all[0].Open || all[0].Text != "Over." {
		t.Errorf("%v", all)
	}
}

// TestCommentsBesideARepositoryHaveNumbers that grow from one pull request to the next.
func TestCommentsBesideARepositoryHaveNumbers(t *testing.T) {
	dir := t.TempDir()
	gittest.Bare(t, filepath.Join(dir, "shop.git"), map[string]string{"Dockerfile": "FROM a\n"})
	f := local.Forge{Dir: dir}
	r, err := f.Repository(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	var last int64
	for pull := 1; pull <= 2; pull++ {
		if _, err := f.Open(t.Context(), r, forge.Head{Branch: "a"}, forge.Proposal{}); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Comment(t.Context(), r, pull, "why"), f.Comment(t.Context(), r, pull, "drydock rebase"), f.Close(t.Context(), r, pull)); err != nil {
			t.Fatal(err)
		}
		said, err := f.Comments(t.Context(), r, pull)
		if err != nil || len(said) != 2 || said[0].ID <= last || said[1].ID <= said[0].ID || said[1].Text != "drydock rebase" {
			t.Errorf("%d: %+v, %v", pull, said, err)
		}
		last = said[1].ID
	}
	for range forge.MaxRemarks { // of very many the newest count
		if err := f.Comment(t.Context(), r, 1, "again"); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Comment(t.Context(), r, 1, "drydock ignore"); err != nil {
		t.Fatal(err)
	}
	if said, err := f.Comments(t.Context(), r, 1); err != nil || len(said) != forge.MaxRemarks || said[len(said)-1].Text != "drydock ignore" || said[0].Text != "again" {
		t.Errorf("%d, %v", len(said), err)
	}
	if said, err := f.Comments(t.Context(), r, 3); err == nil {
		t.Errorf("%+v", said)
	}
}
