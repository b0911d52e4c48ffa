package campaign_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// varied is a repository with what the two paths could differ at.
var varied = map[string]string{
	"Dockerfile": before, "api/Dockerfile*": before, "linked/Dockerfile": "-> ../Dockerfile", "link": "-> api",
	"compose.yaml": "services:\n  web:\n    build: .\n", ".dockerignore": "*.md\n", "README.md": "x",
	".github/CODEOWNERS": "* @ann\n", "k8s/pod.yaml": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: web\n",
	"old/.drydock.yaml": "skip: [numeric-user]\n", "old/Dockerfile": before, "bad/Dockerfile": "FROM a\nRUN echo \xff\xfe\n",
}

// TestBothPathsGiveTheSame changeset, commit and pull request: the API's, and that
// of a clone.
func TestBothPathsGiveTheSame(t *testing.T) {
	t.Parallel()
	type outcome struct {
		Change  *campaign.Changeset
		Head    string
		Pull    fake.Pull
		Changes string
	}
	for _, commits := range []campaign.Commits{campaign.OneCommit, campaign.CommitPerFixer} {
		var outcomes []outcome
		for _, clone := range []bool{false, true} {
			server := fake.New(t)
			repo := server.Add("acme/shop", varied)
			o := bot(t, server)
			o.Clone, o.Commits, o.Owners = clone, commits, true
			c, err := o.Look(t.Context(), "acme/shop")
			if err != nil {
				t.Fatal(err)
			}
			done, err := o.Apply(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			want(t, done, campaign.Opened)
			head := show(t, repo, "rev-parse", "drydock/all")
			if string(done.Head) != head {
				t.Errorf("the head is %s, and said to be %s", head, done.Head)
			}
			gittest.Run(t, repo.Dir, "fsck", "--strict")
			outcomes = append(outcomes, outcome{c, head, *repo.Pulls[0], show(t, repo, "diff", "--raw", "main", "drydock/all")})
			want(t, run(t, o, "acme/shop"), campaign.Unchanged)
			// What the one path made, the other takes for its own.
			o.Clone = !clone
			want(t, run(t, o, "acme/shop"), campaign.Unchanged)
		}
		ignored := cmp.Options{cmpopts.IgnoreUnexported(campaign.Changeset{}), cmpopts.IgnoreFields(forge.Repository{}, "Remote")}
		if diff := cmp.Diff(outcomes[0], outcomes[1], ignored); diff != "" {
			t.Errorf("%d: the API's path differs from the clone's: %s", commits, diff)
		}
		if !strings.Contains(outcomes[0].Changes, ":100755 100755 ") || strings.Contains(outcomes[0].Changes, "120000") {
			t.Error(outcomes[0].Changes)
		}
	}
}

// requests gives what a run asked of the API.
func requests(t *testing.T, server *fake.Server, run func()) []fake.Request {
	t.Helper()
	n := len(server.Log())
	run()
	return server.Log()[n:]
}

func TestAScanWithNothingToDoIsThreeReadsAndThenFree(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	server.Add("acme/shop", map[string]string{"Dockerfile": fixed, "main.go": "package main\n", "README.md": "x"})
	server.Add("acme/lib", map[string]string{"main.go": "package main\n"})
	o := bot(t, server)
	for name, reads := range map[string]int{"acme/shop": 3, "acme/lib": 2} {
		got := requests(t, server, func() { want(t, run(t, o, name), campaign.Nothing) })
		if n := fake.Count(got); n.Reads+n.Queries != reads || n.Writes != 0 {
			t.Errorf("%s: %v", name, got)
		}
		got = requests(t, server, func() { want(t, run(t, o, name), campaign.Nothing) })
		if n := fake.Count(got); n.Reads+n.Queries != 0 || n.Writes != 0 || n.Free != 2 {
			t.Errorf("%s, again: %v", name, got)
		}
	}
}

// TestFilesAreGotTogether: a scan of a repository with many files is its tree and one
// query. Where the query gives nothing, the files are asked for one by one.
func TestFilesAreGotTogether(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	files := map[string]string{"Dockerfile": fixed, "Makefile": "all:\n\tdocker build .\n", "docs.md": "x", "big.sh": strings.Repeat("echo\n", 100_000)}
	for i := range 12 {
		files[fmt.Sprintf("k8s/%d.yaml", i)] = fmt.Sprintf("kind: Pod # %d\n", i)
	}
	server.Add("acme/shop", files)
	server.Add("acme/bytes", map[string]string{"Dockerfile": fixed, "build.sh": "docker build . # \xff\n"})
	server.Add("acme/other", map[string]string{"Dockerfile": fixed + "# other\n", ".dockerignore": "a\n"})
	for _, c := range []struct {
		name  string
		fault *fake.Fault
		want  string
	}{
		{"acme/shop", nil, "repository, tree, query, blob"}, // of the script, which is large
		{"acme/bytes", nil, "repository, tree, query, blob"},
		{"acme/other", &fake.Fault{On: "QUERY /api/graphql", Times: 1, Do: fake.Answer(404, "Not Found")}, "repository, tree, query, blob, blob"},
	} {
		if c.fault != nil {
			server.Break(*c.fault)
		}
		var asked []string
		for _, r := range requests(t, server, func() { want(t, run(t, bot(t, server), c.name), campaign.Nothing) }) {
			what := "repository"
			for part, called := range map[string]string{"/git/trees": "tree", "/git/blobs": "blob", "/graphql": "query"} {
				if strings.Contains(r.Path, part) {
					what = called
				}
			}
			asked = append(asked, what)
		}
		if got := strings.Join(asked, ", "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAPullRequestIsFiveWrites(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	server.Add("acme/shop", map[string]string{"Dockerfile": before, "api/Dockerfile": before})
	o := bot(t, server)
	o.Attention = forge.Attention{Labels: []string{"docker"}}
	got := requests(t, server, func() { want(t, run(t, o, "acme/shop"), campaign.Opened) })
	var writes []string
	for _, r := range got {
		if !r.IsRead() {
			writes = append(writes, strings.TrimPrefix(r.Path, "/repos/acme/shop/"))
		}
	}
	if wanted := []string{"git/trees", "git/commits", "git/refs", "pulls", "issues/1/labels"}; !slices.Equal(writes, wanted) {
		t.Errorf("%v", writes)
	}
	want(t, run(t, o, "acme/shop"), campaign.Unchanged)
	got = requests(t, server, func() { want(t, run(t, o, "acme/shop"), campaign.Unchanged) })
	if n := fake.Count(got); n.Reads+n.Queries+n.Writes != 0 {
		t.Errorf("an open one: %v", got)
	}
}

func TestATruncatedTreeIsCloned(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	server.TreeLimit = 3
	repo := server.Add("acme/huge", map[string]string{"a": "a", "b": "b", "c": "c", "z/Dockerfile": before})
	want(t, run(t, bot(t, server), "acme/huge"), campaign.Opened)
	if got := show(t, repo, "show", "drydock/all:z/Dockerfile"); !strings.Contains(got, "USER 1001") {
		t.Error(got)
	}
	for _, r := range server.Requests() {
		if strings.Contains(r, "/git/blobs") || strings.Contains(r, "POST /repos/acme/huge/git") {
			t.Errorf("asked: %s", r)
		}
	}
}

// TestTreesMayBeNamedByTheirOwnNames: which name GitHub gives to the tree of a
// branch is not documented.
func TestTreesMayBeNamedByTheirOwnNames(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	server.TreesByTree = true
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	o := bot(t, server)
	want(t, run(t, o, "acme/shop"), campaign.Opened)
	want(t, run(t, o, "acme/shop"), campaign.Unchanged)
	if got := show(t, repo, "rev-parse", "drydock/all~1"); got != show(t, repo, "rev-parse", "main") {
		t.Error(got)
	}
}

// TestABaseThatMovesWhileItIsReadIsReadAgain: what is proposed is built on what was
// read.
func TestABaseThatMovesWhileItIsReadIsReadAgain(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	server.Break(fake.Fault{On: "GET /repos/acme/shop/branches/main", Times: 1, Do: func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		gittest.Push(t, repo.Dir, "main", "meanwhile", map[string]string{"Dockerfile": strings.Replace(before, "curl", "curl git", 1)})
		next(w, r)
	}})
	want(t, run(t, bot(t, server), "acme/shop"), campaign.Opened)
	if got := show(t, repo, "show", "drydock/all:Dockerfile"); !strings.Contains(got, " git") || !strings.Contains(got, "USER 1001") {
		t.Error(got)
	}
}

// TestAFileThatCannotBeGotIsNoFileThatSaysNothing: a rewrite that was made without
// a file, because the forge failed, is not proposed.
func TestAFileThatCannotBeGotIsNoFileThatSaysNothing(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	server.Add("acme/shop", map[string]string{"Dockerfile": before, "Makefile": "web:\n\tdocker build .\n"})
	makefile := git.BlobHash([]byte("web:\n\tdocker build .\n"))
	server.Break(fake.Fault{On: fmt.Sprintf("GET /repos/acme/shop/git/blobs/%s", makefile), Times: 1, Do: fake.Answer(403, "Resource not accessible by integration")})
	server.Break(fake.Fault{On: "QUERY /api/graphql", Times: 1, Do: fake.Answer(403, "Resource not accessible by integration")})
	o := bot(t, server)
	if c, err := o.Look(t.Context(), "acme/shop"); err == nil || !strings.Contains(err.Error(), "not accessible") {
		t.Errorf("%v, %v", c, err)
	}
	want(t, run(t, o, "acme/shop"), campaign.Opened)
}

func TestManyFilesAreReadFromAClone(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	files := map[string]string{}
	for i := range 40 {
		files[fmt.Sprintf("s%02d/Dockerfile", i)] = fmt.Sprintf("%s# %d\n", fixed, i)
	}
	server.Add("acme/mono", files)
	got := requests(t, server, func() { want(t, run(t, bot(t, server), "acme/mono"), campaign.Nothing) })
	if n := fake.Count(got); n.Reads+n.Queries > 22 {
		t.Errorf("%+v", n)
	}
}

func TestNoBaseBranch(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	server.Add("acme/shop", map[string]string{"Dockerfile": before})
	o := bot(t, server)
	o.Base = "nosuch"
	if _, err := o.Look(t.Context(), "acme/shop"); !errors.Is(err, git.ErrNoBranch) {
		t.Error(err)
	}
}

// TestHostileTrees, which git itself would not make: nothing outside is read or
// written, on both paths, and nothing is followed in circles.
func TestHostileTrees(t *testing.T) {
	t.Parallel()
	for _, clone := range []bool{false, true} {
		server := fake.New(t)
		repo := server.Add("acme/dots", map[string]string{
			"Dockerfile": before, "../Dockerfile": before, "a/../../Dockerfile": before, "a/./Dockerfile": before,
			".git/Dockerfile": before, "b/.GIT/Dockerfile": before, "c/Dockerfile": "-> ../Dockerfile", "d": "-> ..",
		})
		o := bot(t, server)
		o.Clone = clone
		c, err := o.Look(t.Context(), "acme/dots")
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		for _, f := range c.Rewriting.Files {
			seen = append(seen, f.Path+" "+string(f.Status))
		}
		if want := []string{"Dockerfile changed", "c/Dockerfile skipped"}; !slices.Equal(seen, want) {
			t.Errorf("clone %v: %q", clone, seen)
		}
		done, err := o.Apply(t.Context(), c)
		if err != nil {
			// The server, as git, refuses the tree of such a repository.
			if !strings.Contains(err.Error(), "tree") {
				t.Error(err)
			}
			continue
		}
		want(t, done, campaign.Opened)
		if got := show(t, repo, "diff", "--name-only", "main", "drydock/all"); got != "Dockerfile" {
			t.Error(got)
		}
	}
}

// TestHugeFilesAreNotGot: a file that no fixer would read is not asked for.
func TestHugeFilesAreNotGot(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	huge := "FROM a\n" + strings.Repeat("#", 5<<20)
	server.Add("acme/huge", map[string]string{"Dockerfile": before, "b/Dockerfile": huge, "Makefile": huge, "compose.yaml": huge})
	want(t, run(t, bot(t, server), "acme/huge"), campaign.Opened)
	for _, r := range server.Requests() {
		if strings.HasSuffix(r, string(git.BlobHash([]byte(huge)))) {
			t.Errorf("asked: %s", r)
		}
	}
}
