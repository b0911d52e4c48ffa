package github

import (
	"context"
	"fmt"
	"strings"

	api "github.com/google/go-github/v60/github"

	"github.com/drydock-dev/drydock/internal/forge"
)

func issue(i *api.Issue) forge.Issue {
	return forge.Issue{Number: i.GetNumber(), URL: i.GetHTMLURL(), Open: i.GetState() == "open", Title: i.GetTitle(), Text: i.GetBody()}
}

func (f *Forge) OpenIssue(ctx context.Context, to forge.Repository, title, text string) (forge.Issue, error) {
	owner, name, _ := strings.Cut(to.Name, "/")
	made, _, err := f.client.Issues.Create(ctx, owner, name, &api.IssueRequest{Title: &title, Body: &text})
	if err != nil {
		return forge.Issue{}, failed("open an issue in "+to.Name, err)
	}
	return issue(made), nil
}

// Issues leaves out pull requests, which are issues to this call.
func (f *Forge) Issues(ctx context.Context, in forge.Repository) ([]forge.Issue, error) {
	me, err := f.login(ctx)
	if err != nil {
		return nil, err
	}
	owner, name, _ := strings.Cut(in.Name, "/")
	var found []forge.Issue
	for next := 1; next > 0; {
		all, res, err := f.client.Issues.ListByRepo(ctx, owner, name, &api.IssueListByRepoOptions{
			State: "all", Creator: me, Sort: "created", Direction: "desc", ListOptions: api.ListOptions{Page: next, PerPage: page},
		})
		if err != nil {
			return nil, failed("list the issues of "+in.Name, err)
		}
		for _, i := range all {
			if !i.IsPullRequest() && strings.EqualFold(i.GetUser().GetLogin(), me) {
				found = append(found, issue(i))
			}
		}
		next = res.NextPage
	}
	return found, nil
}

// login is the name of the account that these credentials belong to.
func (f *Forge) login(ctx context.Context) (string, error) {
	if f.app != nil {
		return f.app.bot(ctx)
	}
	me, _, err := f.client.Users.Get(ctx, "")
	if err != nil {
		return "", failed("look up whose token this is", err)
	}
	return me.GetLogin(), nil
}

// newestPages is how many pages of comments are read.
const newestPages = forge.MaxRemarks / page

func (f *Forge) Remarks(ctx context.Context, in forge.Repository, number int) ([]forge.Remark, error) {
	owner, name, _ := strings.Cut(in.Name, "/")
	var found []forge.Remark
	for next := 1; next > 0; {
		all, res, err := f.client.Issues.ListComments(ctx, owner, name, number, &api.IssueListCommentsOptions{ListOptions: api.ListOptions{Page: next, PerPage: page}})
		if err != nil {
			return nil, failed(fmt.Sprintf("list the comments on issue %d of %s", number, in.Name), err)
		}
		if next == 1 && res.LastPage > newestPages {
			next = res.LastPage - newestPages + 1
			continue
		}
		for _, c := range all {
			if by := c.GetUser(); by.GetLogin() != "" && by.GetType() != "Bot" {
				found = append(found, forge.Remark{ID: c.GetID(), Author: by.GetLogin(), Text: c.GetBody()})
			}
		}
		next = res.NextPage
	}
	return found, nil
}

// Comments are those of the issue that a pull request is, too.
func (f *Forge) Comments(ctx context.Context, in forge.Repository, pull int) ([]forge.Remark, error) {
	return f.Remarks(ctx, in, pull)
}

func (f *Forge) CloseIssue(ctx context.Context, in forge.Repository, number int, text string) error {
	owner, name, _ := strings.Cut(in.Name, "/")
	closed := "closed"
	if _, _, err := f.client.Issues.Edit(ctx, owner, name, number, &api.IssueRequest{State: &closed, Body: &text}); err != nil {
		return failed(fmt.Sprintf("close issue %d of %s", number, in.Name), err)
	}
	return nil
}
