package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	api "github.com/google/go-github/v60/github"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

func (f *Forge) Pulls(ctx context.Context, to forge.Repository, from forge.Head) ([]forge.Pull, error) {
	owner, name, _ := strings.Cut(to.Name, "/")
	all, _, err := f.client.PullRequests.List(ctx, owner, name, &api.PullRequestListOptions{
		State: "all", Head: from.Owner + ":" + from.Branch, Sort: "created", Direction: "desc",
		ListOptions: api.ListOptions{PerPage: 100},
	})
	if err != nil {
		return nil, failed("list the pull requests of "+to.Name, err)
	}
	var found []forge.Pull
	for _, p := range all {
		// GitHub does not look at a head that it does not understand, and lists all.
		if p.GetHead().GetRef() == from.Branch {
			found = append(found, pull(p))
		}
	}
	return found, nil
}

func pull(p *api.PullRequest) forge.Pull {
	state := forge.State(p.GetState())
	if p.MergedAt != nil {
		state = forge.Merged
	}
	return forge.Pull{
		Number: p.GetNumber(), URL: p.GetHTMLURL(), State: state, Base: p.GetBase().GetRef(),
		Title: p.GetTitle(), Body: p.GetBody(),
	}
}

func (f *Forge) Open(ctx context.Context, to forge.Repository, from forge.Head, p forge.Proposal) (forge.Pull, error) {
	owner, name, _ := strings.Cut(to.Name, "/")
	head := from.Branch
	if from.Owner != to.Owner {
		head = from.Owner + ":" + from.Branch
	}
	made, _, err := f.client.PullRequests.Create(ctx, owner, name, &api.NewPullRequest{
		Title: &p.Title, Body: &p.Body, Base: &p.Base, Head: &head, Draft: &p.Draft, MaintainerCanModify: api.Bool(true),
	})
	if status(err) == http.StatusUnprocessableEntity && strings.Contains(failed("", err).Error(), "already exists") {
		return forge.Pull{}, fmt.Errorf("%s: %s: %w", to.Name, head, forge.ErrExists)
	}
	if err != nil {
		return forge.Pull{}, failed("open a pull request in "+to.Name, err)
	}
	return pull(made), nil
}

func (f *Forge) Edit(ctx context.Context, to forge.Repository, number int, p forge.Proposal) error {
	owner, name, _ := strings.Cut(to.Name, "/")
	_, _, err := f.client.PullRequests.Edit(ctx, owner, name, number, &api.PullRequest{
		Title: &p.Title, Body: &p.Body, Base: &api.PullRequestBranch{Ref: &p.Base},
	})
	if err != nil {
		return failed(fmt.Sprintf("edit pull request %d of %s", number, to.Name), err)
	}
	return nil
}

func (f *Forge) Close(ctx context.Context, to forge.Repository, number int) error {
	owner, name, _ := strings.Cut(to.Name, "/")
	_, _, err := f.client.PullRequests.Edit(ctx, owner, name, number, &api.PullRequest{State: api.String("closed")})
	if err != nil {
		return failed(fmt.Sprintf("close pull request %d of %s", number, to.Name), err)
	}
	return nil
}

func (f *Forge) Comment(ctx context.Context, to forge.Repository, number int, text string) error {
	owner, name, _ := strings.Cut(to.Name, "/")
	_, _, err := f.client.Issues.CreateComment(ctx, owner, name, number, &api.IssueComment{Body: &text})
	if err != nil {
		return failed(fmt.Sprintf("comment on pull request %d of %s", number, to.Name), err)
	}
	return nil
}

func (f *Forge) MayWrite(ctx context.Context, to forge.Repository, user string) (bool, error) {
	owner, name, _ := strings.Cut(to.Name, "/")
	found, _, err := f.client.Repositories.GetPermissionLevel(ctx, owner, name, user)
	if err != nil {
		return false, failed(fmt.Sprintf("look up what %s may do in %s", user, to.Name), err)
	}
	// "maintain" is told as "write", and "triage" as "read".
	return found.GetPermission() == "admin" || found.GetPermission() == "write", nil
}

func (f *Forge) DeleteBranch(ctx context.Context, of forge.Repository, branch string, at git.Hash) error {
	owner, name, _ := strings.Cut(of.Name, "/")
	ref, _, err := f.client.Git.GetRef(ctx, owner, name, "heads/"+branch)
	switch {
	case status(err) == http.StatusNotFound:
		return nil
	case err != nil:
		return failed(fmt.Sprintf("look at the branch %s of %s", branch, of.Name), err)
	case git.Hash(ref.GetObject().GetSHA()) != at:
		return fmt.Errorf("%s: %s: %w", of.Name, branch, git.ErrMoved)
	}
	if _, err = f.client.Git.DeleteRef(ctx, owner, name, "heads/"+branch); err == nil {
		return nil
	}
	if status(err) == http.StatusUnprocessableEntity { // it is protected, or somebody else was faster
		if _, _, unseen := f.client.Git.GetRef(ctx, owner, name, "heads/"+branch); status(unseen) == http.StatusNotFound {
			return nil
		}
	}
	return failed(fmt.Sprintf("delete the branch %s of %s", branch, of.Name), err)
}

func (f *Forge) Attend(ctx context.Context, to forge.Repository, p forge.Pull, a forge.Attention) error {
	owner, name, _ := strings.Cut(to.Name, "/")
	var all []error
	try := func(what string, err error) {
		if err != nil {
			all = append(all, failed(what, err))
		}
	}
	if len(a.Labels) > 0 {
		// The library sends the bare list, which the API's description does not have.
		path := fmt.Sprintf("repos/%s/issues/%d/labels", to.Name, p.Number)
		_, err := f.call(ctx, http.MethodPost, path, map[string][]string{"labels": a.Labels})
		try("label", err)
	}
	if len(a.Assignees) > 0 {
		_, _, err := f.client.Issues.AddAssignees(ctx, owner, name, p.Number, a.Assignees)
		try("assign", err)
	}
	if len(a.Reviewers)+len(a.Teams) > 0 {
		try("ask for a review", f.askForReview(ctx, owner, name, p.Number, a))
	}
	if a.AutoMerge {
		try("merge by itself", f.mergeByItself(ctx, owner, name, p.Number))
	}
	return errors.Join(all...)
}

// askForReview asks everyone at once and, since one who cannot review makes GitHub
// refuse all, each alone if that fails.
func (f *Forge) askForReview(ctx context.Context, owner, name string, number int, a forge.Attention) error {
	ask := func(users, teams []string) error {
		_, _, err := f.client.PullRequests.RequestReviewers(ctx, owner, name, number, api.ReviewersRequest{Reviewers: users, TeamReviewers: teams})
		return err
	}
	err := ask(a.Reviewers, a.Teams)
	if status(err) != http.StatusUnprocessableEntity || len(a.Reviewers)+len(a.Teams) == 1 {
		return err
	}
	var all []error
	for _, user := range a.Reviewers {
		if err := ask([]string{user}, nil); err != nil {
			all = append(all, failed(user, err))
		}
	}
	for _, team := range a.Teams {
		if err := ask(nil, []string{team}); err != nil {
			all = append(all, failed(team, err))
		}
	}
	return errors.Join(all...)
}
