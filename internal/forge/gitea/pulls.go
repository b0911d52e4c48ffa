package gitea

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	api "code.gitea.io/sdk/gitea"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// draft begins the title of a draft: that is how the server knows it (WORK_IN_PROGRESS_PREFIXES,
// whose first is "WIP:").
const draft = "WIP: "

// Pulls goes through all of a repository's: the server cannot be asked for those of
// a branch, and most branches have none.
func (f *Forge) Pulls(ctx context.Context, to forge.Repository, from forge.Head) ([]forge.Pull, error) {
	c, err := f.in(ctx)
	if err != nil {
		return nil, err
	}
	owner, name, _ := strings.Cut(to.Name, "/")
	var found []forge.Pull
	for next := 1; next > 0; {
		all, res, err := c.ListRepoPullRequests(owner, name, api.ListPullRequestsOptions{
			State: api.StateAll, ListOptions: api.ListOptions{Page: next, PageSize: page},
		})
		if err != nil {
			return nil, failed("list the pull requests of "+to.Name, res, err)
		}
		for _, p := range all {
			if isFrom(p, from) {
				found = append(found, pull(p))
			}
		}
		next = res.NextPage
	}
	return found, nil
}

// isFrom reports whether a pull request is of a branch. The branch, or all of a
// fork, may be gone: its name stays.
func isFrom(p *api.PullRequest, from forge.Head) bool {
	if p.Head == nil || p.Head.Name != from.Branch {
		return false
	}
	return p.Head.Repository == nil || p.Head.Repository.Owner == nil || strings.EqualFold(p.Head.Repository.Owner.UserName, from.Owner)
}

func pull(p *api.PullRequest) forge.Pull {
	made := forge.Pull{Number: int(p.Index), URL: p.HTMLURL, State: forge.Open, Title: strings.TrimPrefix(p.Title, draft), Body: p.Body}
	switch {
	case p.HasMerged:
		made.State = forge.Merged
	case p.State == api.StateClosed:
		made.State = forge.Closed
	}
	if p.Base != nil {
		made.Base = p.Base.Ref
	}
	return made
}

func (f *Forge) Open(ctx context.Context, to forge.Repository, from forge.Head, p forge.Proposal) (forge.Pull, error) {
	c, err := f.in(ctx)
	if err != nil {
		return forge.Pull{}, err
	}
	owner, name, _ := strings.Cut(to.Name, "/")
	head, title := from.Branch, p.Title
	if from.Owner != to.Owner {
		head = from.Owner + ":" + from.Branch
	}
	if p.Draft {
		title = draft + title
	}
	made, res, err := c.CreatePullRequest(owner, name, api.CreatePullRequestOption{Head: head, Base: p.Base, Title: title, Body: p.Body})
	if status(res) == http.StatusConflict {
		return forge.Pull{}, fmt.Errorf("%s: %s: %w", to.Name, head, forge.ErrExists)
	}
	if err != nil {
		return forge.Pull{}, failed("open a pull request in "+to.Name, res, err)
	}
	return pull(made), nil
}

// Edit leaves a draft one.
func (f *Forge) Edit(ctx context.Context, to forge.Repository, number int, p forge.Proposal) error {
	c, err := f.in(ctx)
	if err != nil {
		return err
	}
	owner, name, _ := strings.Cut(to.Name, "/")
	was, res, err := c.GetPullRequest(owner, name, int64(number))
	if err != nil {
		return failed(fmt.Sprintf("look at pull request %d of %s", number, to.Name), res, err)
	}
	title := p.Title
	if strings.HasPrefix(was.Title, draft) {
		title = draft + title
	}
	_, res, err = c.EditPullRequest(owner, name, int64(number), api.EditPullRequestOption{Title: title, Body: &p.Body, Base: p.Base})
	if err != nil {
		return failed(fmt.Sprintf("edit pull request %d of %s", number, to.Name), res, err)
	}
	return nil
}

func (f *Forge) Close(ctx context.Context, to forge.Repository, number int) error {
	c, err := f.in(ctx)
	if err != nil {
		return err
	}
	owner, name, _ := strings.Cut(to.Name, "/")
	closed := api.StateClosed
	_, res, err := c.EditPullRequest(owner, name, int64(number), api.EditPullRequestOption{State: &closed})
	if err != nil {
		return failed(fmt.Sprintf("close pull request %d of %s", number, to.Name), res, err)
	}
	return nil
}

func (f *Forge) Comment(ctx context.Context, to forge.Repository, number int, text string) error {
	c, err := f.in(ctx)
	if err != nil {
		return err
	}
	owner, name, _ := strings.Cut(to.Name, "/")
	_, res, err := c.CreateIssueComment(owner, name, int64(number), api.CreateIssueCommentOption{Body: text})
	if err != nil {
		return failed(fmt.Sprintf("comment on pull request %d of %s", number, to.Name), res, err)
	}
	return nil
}

// MayWrite needs credentials of the repository's administrator: Gitea tells others
// of nobody but themselves.
func (f *Forge) MayWrite(ctx context.Context, to forge.Repository, user string) (bool, error) {
	c, err := f.in(ctx)
	if err != nil {
		return false, err
	}
	owner, name, _ := strings.Cut(to.Name, "/")
	found, res, err := c.CollaboratorPermission(owner, name, user)
	if err != nil {
		return false, failed(fmt.Sprintf("look up what %s may do in %s", user, to.Name), res, err)
	}
	switch found.Permission {
	case api.AccessModeWrite, api.AccessModeAdmin, api.AccessModeOwner:
		return true, nil
	}
	return false, nil
}

func (f *Forge) Attend(ctx context.Context, to forge.Repository, p forge.Pull, a forge.Attention) error {
	c, err := f.in(ctx)
	if err != nil {
		return err
	}
	owner, name, _ := strings.Cut(to.Name, "/")
	number := int64(p.Number)
	var all []error
	try := func(what string, res *api.Response, err error) {
		if err != nil {
			all = append(all, failed(what, res, err))
		}
	}
	if len(a.Labels) > 0 {
		ids, err := labels(c, owner, name, a.Labels)
		try("look up labels", nil, err)
		if len(ids) > 0 {
			_, res, err := c.AddIssueLabels(owner, name, number, api.IssueLabelsOption{Labels: ids})
			try("label", res, err)
		}
	}
	if len(a.Assignees) > 0 {
		_, res, err := c.EditIssue(owner, name, number, api.EditIssueOption{Assignees: a.Assignees})
		try("assign", res, err)
	}
	// One who cannot review makes the server refuse all, so each is asked alone.
	for _, user := range a.Reviewers {
		res, err := c.CreateReviewRequests(owner, name, number, api.PullReviewRequestOptions{Reviewers: []string{user}})
		try("ask "+user+" for a review", res, err)
	}
	for _, team := range a.Teams {
		res, err := c.CreateReviewRequests(owner, name, number, api.PullReviewRequestOptions{TeamReviewers: []string{team}})
		try("ask the team "+team+" for a review", res, err)
	}
	if a.AutoMerge {
		_, res, err := c.MergePullRequest(owner, name, number, api.MergePullRequestOption{Style: api.MergeStyleMerge, MergeWhenChecksSucceed: true})
		try("merge by itself", res, err)
	}
	return errors.Join(all...)
}

// Waits goes by the commit's statuses, which are what actions and other systems leave.
func (f *Forge) Waits(ctx context.Context, to forge.Repository, number int, at git.Hash) (string, error) {
	c, err := f.in(ctx)
	if err != nil {
		return "", err
	}
	owner, name, _ := strings.Cut(to.Name, "/")
	p, res, err := c.GetPullRequest(owner, name, int64(number))
	if err != nil {
		return "", failed(fmt.Sprintf("look at pull request %d of %s", number, to.Name), res, err)
	}
	switch {
	case p.Head == nil || p.Head.Sha != string(at):
		return "its branch has moved", nil
	case strings.HasPrefix(p.Title, draft) || p.Draft:
		return "it is a draft", nil
	case !p.Mergeable:
		return "the server says that it cannot be merged", nil
	}
	said, res, err := c.GetCombinedStatus(owner, name, string(at))
	switch {
	case err != nil:
		return "", failed("look at the statuses of "+to.Name, res, err)
	case len(said.Statuses) == 0:
		return "nothing has checked it", nil
	case said.State != api.StatusSuccess:
		return "its status is " + string(said.State), nil
	}
	return "", nil
}

func (f *Forge) Merge(ctx context.Context, to forge.Repository, number int, at git.Hash) error {
	c, err := f.in(ctx)
	if err != nil {
		return err
	}
	owner, name, _ := strings.Cut(to.Name, "/")
	merged, res, err := c.MergePullRequest(owner, name, int64(number), api.MergePullRequestOption{Style: api.MergeStyleMerge, HeadCommitId: string(at)})
	if err == nil && !merged {
		err = errors.New("it was not merged")
	}
	if err != nil {
		return failed(fmt.Sprintf("merge pull request %d of %s", number, to.Name), res, err)
	}
	return nil
}

// colour is that of a label that drydock makes, a quiet grey.
const colour = "#ededed"

// labels gives the ids of labels by their names, and makes those that are missing,
// as GitHub does by itself.
func labels(c *api.Client, owner, name string, wanted []string) (ids []int64, err error) {
	known := map[string]int64{}
	for next := 1; next > 0; {
		all, res, err := c.ListRepoLabels(owner, name, api.ListLabelsOptions{ListOptions: api.ListOptions{Page: next, PageSize: page}})
		if err != nil {
			return nil, err
		}
		for _, l := range all {
			known[l.Name] = l.ID
		}
		next = res.NextPage
	}
	// A user has none: the call fails, and the repository's own are all there are.
	if all, _, err := c.ListOrgLabels(owner, api.ListOrgLabelsOptions{}); err == nil {
		for _, l := range all {
			known[l.Name] = l.ID
		}
	}
	var trouble []error
	for _, label := range wanted {
		id, ok := known[label]
		if !ok {
			made, _, err := c.CreateLabel(owner, name, api.CreateLabelOption{Name: label, Color: colour})
			if err != nil {
				trouble = append(trouble, fmt.Errorf("%s: %w", label, err))
				continue
			}
			id = made.ID
		}
		ids = append(ids, id)
	}
	return ids, errors.Join(trouble...)
}
