package github

import (
	"cmp"
	"context"
	"iter"
	"slices"

	api "github.com/google/go-github/v60/github"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// page is how many of a list are asked for at once, the most that GitHub gives.
const page = 100

// List gives the repositories of an organisation, of a user, or all that the
// credentials show. An App sees those that it is installed on.
func (f *Forge) List(ctx context.Context, whose forge.Owner) iter.Seq2[forge.Repository, error] {
	if f.app != nil && whose.Name == "" {
		return f.listInstalled(ctx)
	}
	return func(yield func(forge.Repository, error) bool) {
		for next := 1; next > 0; {
			all, res, err := f.list(ctx, whose, api.ListOptions{Page: next, PerPage: page})
			if err != nil {
				yield(forge.Repository{}, failed("list the repositories of "+cmp.Or(whose.Name, "everybody"), err))
				return
			}
			for _, r := range all {
				found := f.facts(r)
				if r.GetSize() > 0 { // else it may be empty: Repository looks
					f.listed.keep(found, f.clock.now())
				}
				if !yield(found, nil) {
					return
				}
			}
			next = res.NextPage
		}
	}
}

// listInstalled gives the repositories of every owner at whom the App is installed.
func (f *Forge) listInstalled(ctx context.Context) iter.Seq2[forge.Repository, error] {
	return func(yield func(forge.Repository, error) bool) {
		owners, err := f.app.owners(ctx)
		if err != nil {
			yield(forge.Repository{}, err)
			return
		}
		for _, owner := range slices.Sorted(slices.Values(owners)) {
			for r, err := range f.List(ctx, forge.Owner{Name: owner}) {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

func (f *Forge) list(ctx context.Context, whose forge.Owner, at api.ListOptions) ([]*api.Repository, *api.Response, error) {
	switch {
	case f.app != nil:
		found, res, err := f.client.Apps.ListRepos(withOwner(ctx, whose.Name), &at)
		if err != nil {
			return nil, nil, err
		}
		return found.Repositories, res, nil
	case whose.Name == "":
		return f.client.Repositories.ListByAuthenticatedUser(ctx, &api.RepositoryListByAuthenticatedUserOptions{Sort: "full_name", ListOptions: at})
	case whose.User:
		return f.client.Repositories.ListByUser(ctx, whose.Name, &api.RepositoryListByUserOptions{Sort: "full_name", ListOptions: at})
	}
	return f.client.Repositories.ListByOrg(ctx, whose.Name, &api.RepositoryListByOrgOptions{Sort: "full_name", ListOptions: at})
}

// facts takes over what GitHub says of a repository.
func (f *Forge) facts(r *api.Repository) forge.Repository {
	return forge.Repository{
		ID: r.GetNodeID(), Name: r.GetFullName(), Owner: r.GetOwner().GetLogin(), DefaultBranch: r.GetDefaultBranch(),
		Archived: r.GetArchived() || r.GetDisabled(), // What GitHub says of an installation's permissions is not that it may push.
		MayPush:  f.app != nil || r.GetPermissions()["push"],
		Fork:     r.GetFork(), Language: r.GetLanguage(), Topics: r.Topics,
		Remote: git.Remote{URL: r.GetCloneURL(), Credentials: f.gitCredentials(r.GetOwner().GetLogin())},
	}
}
