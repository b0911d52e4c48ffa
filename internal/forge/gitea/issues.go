package gitea

import (
	"context"
	"fmt"
	"strings"

	api "code.gitea.io/sdk/gitea"

	"github.com/drydock-dev/drydock/internal/forge"
)

func issue(i *api.Issue) forge.Issue {
	return forge.Issue{Number: int(i.Index), URL: i.HTMLURL, Open: i.State == api.StateOpen, Title: i.Title, Text: i.Body}
}

func (f *Forge) OpenIssue(ctx context.Context, to forge.Repository, title, text string) (forge.Issue, error) {
	c, err := f.in(ctx)
	if err != nil {
		return forge.Issue{}, err
	}
	owner, name, _ := strings.Cut(to.Name, "/")
	made, res, err := c.CreateIssue(owner, name, api.CreateIssueOption{Title: title, Body: text})
	if err != nil {
		return forge.Issue{}, failed("open an issue in "+to.Name, res, err)
	}
	return issue(made), nil
}

func (f *Forge) Issues(ctx context.Context, in forge.Repository) ([]forge.Issue, error) {
	c, err := f.in(ctx)
	if err != nil {
		return nil, err
	}
	me, res, err := c.GetMyUserInfo()
	if err != nil {
		return nil, failed("look up whose token this is", res, err)
	}
	owner, name, _ := strings.Cut(in.Name, "/")
	var found []forge.Issue
	for next := 1; next > 0; {
		all, res, err := c.ListRepoIssues(owner, name, api.ListIssueOption{
			State: api.StateAll, Type: api.IssueTypeIssue, CreatedBy: me.UserName, ListOptions: api.ListOptions{Page: next, PageSize: page},
		})
		if err != nil {
			return nil, failed("list the issues of "+in.Name, res, err)
		}
		for _, i := range all {
			if i.PullRequest == nil && i.Poster != nil && i.Poster.ID == me.ID {
				found = append(found, issue(i))
			}
		}
		next = res.NextPage
	}
	return found, nil
}

// Remarks gets all at once: the server does not page them.
func (f *Forge) Remarks(ctx context.Context, in forge.Repository, number int) ([]forge.Remark, error) {
	c, err := f.in(ctx)
	if err != nil {
		return nil, err
	}
	owner, name, _ := strings.Cut(in.Name, "/")
	all, res, err := c.ListIssueComments(owner, name, int64(number), api.ListIssueCommentOptions{})
	if err != nil {
		return nil, failed(fmt.Sprintf("list the comments on issue %d of %s", number, in.Name), res, err)
	}
	var found []forge.Remark
	for _, said := range all[max(0, len(all)-forge.MaxRemarks):] {
		if said.Poster != nil && said.Poster.ID > 0 { // the others are no users (models/user/user_system.go)
			found = append(found, forge.Remark{ID: said.ID, Author: said.Poster.UserName, Text: said.Body})
		}
	}
	return found, nil
}

// Comments are those of the issue that a pull request is, too.
func (f *Forge) Comments(ctx context.Context, in forge.Repository, pull int) ([]forge.Remark, error) {
	return f.Remarks(ctx, in, pull)
}

func (f *Forge) CloseIssue(ctx context.Context, in forge.Repository, number int, text string) error {
	c, err := f.in(ctx)
	if err != nil {
		return err
	}
	owner, name, _ := strings.Cut(in.Name, "/")
	closed := api.StateClosed
	_, res, err := c.EditIssue(owner, name, int64(number), api.EditIssueOption{Body: &text, State: &closed})
	if err != nil {
		return failed(fmt.Sprintf("close issue %d of %s", number, in.Name), res, err)
	}
	return nil
}
