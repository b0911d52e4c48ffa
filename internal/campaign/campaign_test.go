package campaign_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/forge/github"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

const (
	before = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN useradd -m app\nUSER app\nCMD [\"bash\"]\n"
	fixed  = "FROM alpine:3.20\nRUN apk add --no-cache curl\n"
)

// bot is a run against the stand-in.
func bot(t *testing.T, server *fake.Server) campaign.Options {
	t.Helper()
	hub, err := github.New(github.Options{
		API:   server.URL,
		Pace:  -1, // the stand-in does not mind
		Token: func(context.Context) (string, error) { return server.Token, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	ordered, err := fix.Order(fixers.All())
	if err != nil {
		t.Fatal(err)
	}
	return campaign.Options{
		Forge: hub, Fixers: ordered, Branch: "drydock/all",
		Selection: config.Selection{Only: []string{"package-cleanup", "numeric-user"}},
		Author:    git.Identity{Name: "drydock", Email: "drydock@example.com"},
		Now:       func() time.Time { return time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC) },
	}
}

// run looks and applies.
func run(t *testing.T, o campaign.Options, name string) campaign.Done {
	t.Helper()
	c, err := o.Look(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	done, err := o.Apply(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func want(t *testing.T, done campaign.Done, result campaign.Result) {
	t.Helper()
	if done.Result != result {
		t.Errorf("%s, not %s", done.Result, result)
	}
}

func show(t *testing.T, repo *fake.Repository, args ...string) string {
	t.Helper()
	return gittest.Run(t, repo.Dir, args...)
}

func TestARewriteBecomesOnePullRequest(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before, "api/Dockerfile": fixed, "README.md": "x"})
	o := bot(t, server)
	done := run(t, o, "acme/shop")
	want(t, done, campaign.Opened)
	if len(repo.Pulls) != 1 || done.Pull.URL != server.URL+"/acme/shop/pull/1" {
		t.Fatalf("%+v, %v", done, repo.Pulls)
	}
	p := repo.Pulls[0]
	if p.Title != "Dockerfile: clean up after package managers and run as a numeric user" || p.Head != "acme:drydock/all" || p.Base != "main" {
		t.Errorf("%+v", p)
	}
	if !strings.Contains(p.Body, "Dockerfile, line 2: ") || !strings.Contains(p.Body, "run as 1001") {
		t.Error(p.Body)
	}
	if got := show(t, repo, "diff", "--stat", "--format=", "main", "drydock/all"); !strings.Contains(got, "Dockerfile | ") || !strings.Contains(got, "1 file changed") {
		t.Error(got)
	}
	if got := show(t, repo, "show", "drydock/all:Dockerfile"); !strings.Contains(got, "USER 1001") {
		t.Error(got)
	}
	message := show(t, repo, "log", "-1", "--format=%B%an <%ae>", "drydock/all")
	for _, part := range []string{p.Title + "\n\nDockerfile:2: ", "\nDrydock-Base: " + show(t, repo, "rev-parse", "main"), "drydock <drydock@example.com>"} {
		if !strings.Contains(message, part) {
			t.Errorf("the message lacks %q: %s", part, message)
		}
	}
}

func TestASecondRunDoesNothing(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	o := bot(t, server)
	run(t, o, "acme/shop")
	head := show(t, repo, "rev-parse", "drydock/all")
	o.Now = func() time.Time { return time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) }
	first := len(server.Requests())
	want(t, run(t, o, "acme/shop"), campaign.Unchanged)
	if got := show(t, repo, "rev-parse", "drydock/all"); got != head {
		t.Error("the branch moved")
	}
	if wrote := server.Writes(first); len(wrote) > 0 {
		t.Errorf("wrote: %v", wrote)
	}
	// A base that moved elsewhere is no reason either.
	gittest.Push(t, repo.Dir, "main", "docs", map[string]string{"README.md": "more"})
	want(t, run(t, o, "acme/shop"), campaign.Unchanged)
}

func TestAChangedBaseUpdatesThePullRequest(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	o := bot(t, server)
	run(t, o, "acme/shop")
	gittest.Push(t, repo.Dir, "main", "more", map[string]string{"Dockerfile": strings.Replace(before, "curl", "curl git", 1)})
	want(t, run(t, o, "acme/shop"), campaign.Updated)
	if len(repo.Pulls) != 1 {
		t.Errorf("%d pull requests", len(repo.Pulls))
	}
	if got := show(t, repo, "show", "drydock/all:Dockerfile"); !strings.Contains(got, " git") || !strings.Contains(got, "USER 1001") {
		t.Error(got)
	}
	if got := show(t, repo, "rev-list", "--count", "main..drydock/all"); got != "1" {
		t.Errorf("%s commits", got)
	}
}

func TestCommitsOfSomebodyElseAreNeverTouched(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	o := bot(t, server)
	run(t, o, "acme/shop")
	human := gittest.Push(t, repo.Dir, "drydock/all", "a tweak", map[string]string{"Dockerfile": "FROM debian:12\n"})
	gittest.Push(t, repo.Dir, "main", "more", map[string]string{"Dockerfile": strings.Replace(before, "curl", "git", 1)})
	want(t, run(t, o, "acme/shop"), campaign.Foreign)
	if got := show(t, repo, "rev-parse", "drydock/all"); got != human {
		t.Error("the human's commit is gone")
	}
}

func TestABranchOfThatNameThatIsNotOursIsLeftAlone(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	show(t, repo, "branch", "drydock/all", "main")
	want(t, run(t, bot(t, server), "acme/shop"), campaign.Foreign)
	if len(repo.Pulls) != 0 {
		t.Error("a pull request was opened")
	}
}

func TestWhatWasClosedDoesNotComeBack(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	o := bot(t, server)
	run(t, o, "acme/shop")
	repo.Pulls[0].State = "closed"
	show(t, repo, "branch", "-D", "drydock/all")
	gittest.Push(t, repo.Dir, "main", "more", map[string]string{"Dockerfile": strings.Replace(before, "curl", "git", 1)})
	want(t, run(t, o, "acme/shop"), campaign.Closed)
	if len(repo.Pulls) != 1 || show(t, repo, "branch", "--list", "drydock/all") != "" {
		t.Error("it came back")
	}
}

func TestAfterAMergeWhatIsNewIsProposed(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	o := bot(t, server)
	run(t, o, "acme/shop")
	show(t, repo, "update-ref", "refs/heads/main", "drydock/all")
	repo.Pulls[0].State, repo.Pulls[0].Merged = "closed", true
	want(t, run(t, o, "acme/shop"), campaign.Nothing)
	gittest.Push(t, repo.Dir, "main", "new", map[string]string{"api/Dockerfile": before})
	want(t, run(t, o, "acme/shop"), campaign.Opened)
	if len(repo.Pulls) != 2 || show(t, repo, "diff", "--name-only", "main", "drydock/all") != "api/Dockerfile" {
		t.Errorf("%d pull requests", len(repo.Pulls))
	}
}

func TestALostAnswerLeavesOnePullRequest(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	server.Break(fake.Fault{On: "POST /repos/acme/shop/pulls", Times: 1, Do: fake.DoneAndLost})
	o := bot(t, server)
	o.Attention = forge.Attention{Labels: []string{"docker"}}
	want(t, run(t, o, "acme/shop"), campaign.Opened)
	if len(repo.Pulls) != 1 || !slices.Equal(repo.Pulls[0].Labels, []string{"docker"}) {
		t.Errorf("%+v", repo.Pulls)
	}
}

func TestARunThatWasCutOffIsTakenUp(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	// The branch is pushed and the pull request is not opened.
	server.Break(fake.Fault{On: "POST /repos/acme/shop/pulls", Times: 1, Do: fake.Answer(http.StatusInternalServerError, "down")})
	o := bot(t, server)
	c, err := o.Look(t.Context(), "acme/shop")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Apply(t.Context(), c); err == nil {
		t.Fatal("no error")
	}
	head := show(t, repo, "rev-parse", "drydock/all")
	want(t, run(t, o, "acme/shop"), campaign.Opened)
	if len(repo.Pulls) != 1 || show(t, repo, "rev-parse", "drydock/all") != head {
		t.Errorf("%d pull requests", len(repo.Pulls))
	}
}

func TestWhereAPushIsRefusedAForkIsUsed(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	server.ForkAppearsAfter = 1
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	repo.ReadOnly = true
	o := bot(t, server)
	want(t, run(t, o, "acme/shop"), campaign.Opened)
	if len(repo.Pulls) != 1 || repo.Pulls[0].Head != "drydock-bot:drydock/all" {
		t.Fatalf("%+v", repo.Pulls)
	}
	if show(t, repo, "branch", "--list", "drydock/all") != "" {
		t.Error("the branch is in the original")
	}
	fork := server.Repository("drydock-bot/shop")
	if got := show(t, fork, "show", "drydock/all:Dockerfile"); !strings.Contains(got, "USER 1001") {
		t.Error(got)
	}
	// The original moves on: the fork follows, and the pull request is updated.
	gittest.Push(t, repo.Dir, "main", "more", map[string]string{"Dockerfile": strings.Replace(before, "curl", "git", 1)})
	want(t, run(t, o, "acme/shop"), campaign.Updated)
	want(t, run(t, o, "acme/shop"), campaign.Unchanged)
}

func TestWhoDoesNotWantThemGetsNone(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	out := server.Add("acme/out", map[string]string{"Dockerfile": before, ".drydock.yaml": "pull-requests: false\n"})
	old := server.Add("acme/old", map[string]string{"Dockerfile": before})
	old.Archived = true
	server.Add("acme/fine", map[string]string{"Dockerfile": fixed})
	server.Add("acme/none", map[string]string{"README.md": "x"})
	server.Add("acme/empty", nil)
	o := bot(t, server)
	want(t, run(t, o, "acme/out"), campaign.Unwanted)
	want(t, run(t, o, "acme/old"), campaign.Archived)
	want(t, run(t, o, "acme/fine"), campaign.Nothing)
	want(t, run(t, o, "acme/none"), campaign.Nothing)
	if _, err := o.Look(t.Context(), "acme/empty"); !errors.Is(err, campaign.ErrEmpty) {
		t.Error(err)
	}
	if wrote := server.Writes(0); len(wrote) > 0 {
		t.Errorf("wrote: %v", wrote)
	}
	if len(out.Pulls)+len(old.Pulls) > 0 {
		t.Error("a pull request was opened")
	}
}

func TestOneCommitAFixer(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
	o := bot(t, server)
	o.Commits = campaign.CommitPerFixer
	want(t, run(t, o, "acme/shop"), campaign.Opened)
	got := show(t, repo, "log", "--reverse", "--format=%s", "main..drydock/all")
	if got != "Dockerfile: clean up after package managers\nDockerfile: run as a numeric user" {
		t.Error(got)
	}
	if got := show(t, repo, "show", "drydock/all~1:Dockerfile"); !strings.Contains(got, "--no-install-recommends") || !strings.Contains(got, "USER app") {
		t.Error(got)
	}
	want(t, run(t, o, "acme/shop"), campaign.Unchanged)
}

// TestManifestsChangeWithTheirDockerfiles: two Dockerfiles and the manifest that
// runs both are one pull request; a second run does nothing.
func TestManifestsChangeWithTheirDockerfiles(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	const named = "FROM debian:12\nRUN useradd app\nUSER app\nCMD [\"app\"]\n"
	repo := server.Add("acme/shop", map[string]string{
		"Dockerfile": named, "api/Dockerfile": named,
		"build.sh":      "docker build -t acme/web .\ndocker build -t acme/api api\n",
		"k8s/shop.yaml": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: acme/web # the shop\n  - image: acme/api\n  - image: nginx\n",
	})
	o := bot(t, server)
	o.Selection.Only = []string{"numeric-user", "kubernetes-user"}
	want(t, run(t, o, "acme/shop"), campaign.Opened)
	user := "    securityContext:\n      runAsNonRoot: true\n      runAsUser: 1001\n      runAsGroup: 1001\n"
	manifest := "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: acme/web # the shop\n" + user + "  - image: acme/api\n" + user + "  - image: nginx"
	if got := show(t, repo, "show", "drydock/all:k8s/shop.yaml"); got != manifest {
		t.Error(got)
	}
	if got := show(t, repo, "diff", "--stat", "--format=", "main", "drydock/all"); !strings.Contains(got, "3 files changed") {
		t.Error(got)
	}
	want(t, run(t, o, "acme/shop"), campaign.Unchanged)
}

// TestACommitPerFixerKeepsAFixWhole: the manifest changes in the commit that makes
// the Dockerfile's user a number.
func TestACommitPerFixerKeepsAFixWhole(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{
		"Dockerfile":    "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN useradd app\nUSER app\nCMD [\"app\"]\n",
		"build.sh":      "docker build -t acme/web .\n",
		"k8s/shop.yaml": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: acme/web\n",
	})
	o := bot(t, server)
	o.Selection.Only = []string{"package-cleanup", "numeric-user", "kubernetes-user"}
	o.Commits = campaign.CommitPerFixer
	want(t, run(t, o, "acme/shop"), campaign.Opened)
	got := show(t, repo, "log", "--reverse", "--name-only", "--format=%s", "main..drydock/all")
	if got != "Dockerfile: clean up after package managers\n\nDockerfile\nDockerfile: run as a numeric user\n\nDockerfile\nk8s/shop.yaml" {
		t.Error(got)
	}
	want(t, run(t, o, "acme/shop"), campaign.Unchanged)
}

func TestCodeOwnersOfWhatChangesAreAsked(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{
		"Dockerfile": before, "api/Dockerfile": fixed,
		".github/CODEOWNERS": "* @acme/all ops@example.com\n/Dockerfile @ann @acme/docker\n/api/ @bob\n",
	})
	o := bot(t, server)
	o.Owners = true
	done := run(t, o, "acme/shop")
	if p := repo.Pulls[0]; !slices.Equal(p.Reviewers, []string{"ann", "@docker"}) || done.Trouble != nil {
		t.Errorf("%v, %v", p.Reviewers, done.Trouble)
	}
}

func TestHostileRepositories(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	server.Add("acme/link", map[string]string{"Dockerfile": "-> /etc/passwd", "sub": "-> ..", "a/.drydock.yaml": "-> /etc/passwd", "a/Dockerfile": before})
	server.Add("acme/config", map[string]string{"Dockerfile": before, ".drydock.yaml": "contexts: {Dockerfile: ../../../etc}\nonly: [no-such-fixer]\n"})
	server.Add("acme/huge", map[string]string{"Dockerfile": before, ".drydock.yaml": "skip: [" + strings.Repeat("package-cleanup,", 1<<18) + "]\n", "b/Dockerfile": "FROM a\n" + strings.Repeat("#", 5<<20)})
	o := bot(t, server)
	for name, fails := range map[string][]string{
		"acme/link":   {"a/Dockerfile"},
		"acme/config": {"Dockerfile"},
		"acme/huge":   {"Dockerfile", "b/Dockerfile"},
	} {
		c, err := o.Look(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		var failed []string
		for _, f := range c.Rewriting.Files {
			if f.Status == "failed" {
				failed = append(failed, f.Path)
			}
		}
		if !slices.Equal(failed, fails) {
			t.Errorf("%s: failed %v, not %v", name, failed, fails)
		}
		if done, err := o.Apply(t.Context(), c); err != nil || done.Result != campaign.Nothing {
			t.Errorf("%s: %v, %v", name, done, err)
		}
	}
}
