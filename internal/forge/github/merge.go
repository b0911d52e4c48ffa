package github

import (
	"context"
	"fmt"
	"strings"

	api "github.com/google/go-github/v60/github"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// waiting is what GitHub's mergeable_state means to who waits; "clean" and "has_hooks"
// can be merged ("MergeStateStatus" in the reference of the GraphQL API).
var waiting = map[string]string{
	"behind":   "the base branch has moved, and the repository asks for its commits",
	"blocked":  "a review or a check that the repository asks for is missing",
	"dirty":    "it conflicts with the base branch",
	"draft":    "it is a draft",
	"unknown":  "GitHub finds out whether it can be merged",
	"unstable": "a check has not passed",
}

// Waits asks for the checks too: in a repository that requires none, GitHub says that
// a commit is clean before any has begun.
func (f *Forge) Waits(ctx context.Context, to forge.Repository, number int, at git.Hash) (string, error) {
	owner, name, _ := strings.Cut(to.Name, "/")
	p, _, err := f.client.PullRequests.Get(ctx, owner, name, number)
	if err != nil {
		return "", failed(fmt.Sprintf("look at pull request %d of %s", number, to.Name), err)
	}
	if p.GetHead().GetSHA() != string(at) {
		return "its branch has moved", nil
	}
	if why, waits := waiting[p.GetMergeableState()]; waits {
		return why, nil
	}
	return f.waitsForChecks(ctx, to, at)
}

func (f *Forge) waitsForChecks(ctx context.Context, to forge.Repository, at git.Hash) (string, error) {
	owner, name, _ := strings.Cut(to.Name, "/")
	runs, _, err := f.client.Checks.ListCheckRunsForRef(ctx, owner, name, string(at), &api.ListCheckRunsOptions{ListOptions: api.ListOptions{PerPage: page}})
	if err != nil {
		return "", failed("look at the checks of "+to.Name, err)
	}
	said, _, err := f.client.Repositories.GetCombinedStatus(ctx, owner, name, string(at), &api.ListOptions{PerPage: 1})
	if err != nil {
		return "", failed("look at the statuses of "+to.Name, err)
	}
	switch {
	case runs.GetTotal()+said.GetTotalCount() == 0:
		return "nothing has checked it", nil
	case runs.GetTotal() > len(runs.CheckRuns):
		return fmt.Sprintf("it has more than %d checks", page), nil
	case said.GetTotalCount() > 0 && said.GetState() != "success":
		return "its status is " + said.GetState(), nil
	}
	for _, run := range runs.CheckRuns {
		switch run.GetConclusion() {
		case "success", "neutral", "skipped":
		case "":
			return "the check " + run.GetName() + " runs", nil
		default:
			return "the check " + run.GetName() + " has not passed", nil
		}
	}
	return "", nil
}

func (f *Forge) Merge(ctx context.Context, to forge.Repository, number int, at git.Hash) error {
	owner, name, _ := strings.Cut(to.Name, "/")
	method, err := f.mergeMethod(ctx, owner, name)
	if err != nil {
		return failed("look up "+to.Name, err)
	}
	_, _, err = f.client.PullRequests.Merge(ctx, owner, name, number, "", &api.PullRequestOptions{SHA: string(at), MergeMethod: method})
	if err != nil {
		return failed(fmt.Sprintf("merge pull request %d of %s", number, to.Name), err)
	}
	return nil
}

// mergeMethod is a way of merging that the repository allows.
func (f *Forge) mergeMethod(ctx context.Context, owner, name string) (string, error) {
	repo, _, err := f.client.Repositories.Get(ctx, owner, name)
	switch {
	case err != nil:
		return "", err
	case !repo.GetAllowMergeCommit() && repo.GetAllowSquashMerge():
		return "squash", nil
	case !repo.GetAllowMergeCommit() && repo.GetAllowRebaseMerge():
		return "rebase", nil
	}
	return "merge", nil
}

// mergeByItself turns on auto-merge, which only GraphQL can.
func (f *Forge) mergeByItself(ctx context.Context, owner, name string, number int) error {
	ctx = withOwner(ctx, owner)
	method, err := f.mergeMethod(ctx, owner, name)
	if err != nil {
		return err
	}
	p, _, err := f.client.PullRequests.Get(ctx, owner, name, number)
	if err != nil {
		return err
	}
	const mutation = `mutation($id: ID!, $method: PullRequestMergeMethod!) {
  enablePullRequestAutoMerge(input: {pullRequestId: $id, mergeMethod: $method}) { clientMutationId }
}`
	return f.query(ctx, mutation, map[string]any{"id": p.GetNodeID(), "method": strings.ToUpper(method)}, nil)
}
