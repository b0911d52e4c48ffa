package gitea

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"

	api "code.gitea.io/sdk/gitea"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// A Forge is a server as one account sees it.
type Forge struct {
	address     string
	http        *http.Client
	credentials git.Credentials
	cache       forge.Cache
}

// Options say which server, and as whom.
type Options struct {
	URL string // of the server: https://codeberg.org
	// Token gives a token, afresh for each use; nil is anonymous.
	Token func(context.Context) (string, error)
	// Transport sends the requests; nil is the default one.
	Transport http.RoundTripper
	// Cache keeps files; nil keeps some in memory.
	Cache forge.Cache
}

// cacheBytes is room in memory for the files of some hundred repositories.
const cacheBytes = 16 << 20

// New makes a forge. The error is about the address.
func New(o Options) (*Forge, error) {
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.User != nil || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("the server's address is no https:// URL without user")
	}
	f := &Forge{address: strings.TrimSuffix(base.String(), "/"), cache: o.Cache}
	if f.cache == nil {
		f.cache = &forge.Memory{Bytes: cacheBytes}
	}
	t := &transport{next: o.Transport, base: base, token: o.Token, sleep: sleep}
	if t.next == nil {
		t.next = http.DefaultTransport
	}
	if o.Token != nil {
		f.credentials = func(ctx context.Context) (string, string, error) {
			token, err := o.Token(ctx)
			return "x-access-token", token, err
		}
	}
	f.http = &http.Client{Transport: t}
	return f, nil
}

// in gives the library's client, which has one context for all calls.
func (f *Forge) in(ctx context.Context) (*api.Client, error) {
	return api.NewClient(f.address, api.SetHTTPClient(f.http), api.SetContext(ctx), api.SetGiteaVersion(""))
}

// failed tells what was tried, and what the server says.
func failed(what string, res *api.Response, err error) error {
	switch status(res) {
	case http.StatusNotFound:
		return fmt.Errorf("%s: %w", what, forge.ErrNotFound)
	case 0:
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: the server says %d: %w", what, status(res), err)
}

// status is that of an answer, 0 if there was none.
func status(res *api.Response) int {
	if res == nil || res.Response == nil {
		return 0
	}
	return res.StatusCode
}

func (f *Forge) Repository(ctx context.Context, name string) (forge.Repository, error) {
	owner, repo, ok := strings.Cut(name, "/")
	if !ok || owner == "" || repo == "" || strings.Contains(repo, "/") {
		return forge.Repository{}, fmt.Errorf("%s is not of the form owner/name", name)
	}
	c, err := f.in(ctx)
	if err != nil {
		return forge.Repository{}, err
	}
	found, res, err := c.GetRepo(owner, repo)
	if err == nil {
		res, err = addTopics(c, found)
	}
	if err != nil {
		return forge.Repository{}, failed("look up "+name, res, err)
	}
	return f.facts(found), nil
}

// Common is where Gitea and Forgejo keep what an owner says of themselves (Gitea's
// routers/web/shared/user/header.go, RepoNameProfile); neither has another place.
func (f *Forge) Common(owner string) string { return owner + "/.profile" }

// addTopics asks a server for the topics of a repository that it has told without, as
// older ones do.
func addTopics(c *api.Client, r *api.Repository) (*api.Response, error) {
	if r.Topics != nil {
		return nil, nil
	}
	owner, name, _ := strings.Cut(r.FullName, "/")
	topics, res, err := c.ListRepoTopics(owner, name, api.ListRepoTopicsOptions{})
	r.Topics = topics
	return res, err
}

func (f *Forge) facts(r *api.Repository) forge.Repository {
	owner, _, _ := strings.Cut(r.FullName, "/")
	found := forge.Repository{
		Name: r.FullName, Owner: owner, DefaultBranch: r.DefaultBranch, Archived: r.Archived,
		MayPush: r.Permissions != nil && r.Permissions.Push, Fork: r.Fork, Language: r.Language, Topics: r.Topics,
		Remote: git.Remote{URL: r.CloneURL, Credentials: f.credentials},
	}
	if r.Empty {
		found.DefaultBranch = ""
	}
	return found
}

func (f *Forge) List(ctx context.Context, whose forge.Owner) iter.Seq2[forge.Repository, error] {
	return func(yield func(forge.Repository, error) bool) {
		fail := func(res *api.Response, err error) {
			yield(forge.Repository{}, failed("list the repositories of "+cmp.Or(whose.Name, "everybody"), res, err))
		}
		c, err := f.in(ctx)
		if err != nil {
			fail(nil, err)
			return
		}
		for next := 1; next > 0; {
			at := api.ListOptions{Page: next, PageSize: page}
			var all []*api.Repository
			var res *api.Response
			switch {
			case whose.Name == "":
				all, res, err = c.ListMyRepos(api.ListReposOptions{ListOptions: at})
			case whose.User:
				all, res, err = c.ListUserRepos(whose.Name, api.ListReposOptions{ListOptions: at})
			default:
				all, res, err = c.ListOrgRepos(whose.Name, api.ListOrgReposOptions{ListOptions: at})
			}
			if err != nil {
				fail(res, err)
				return
			}
			for _, r := range all {
				if res, err := addTopics(c, r); err != nil {
					fail(res, err)
					return
				}
				if !yield(f.facts(r), nil) {
					return
				}
			}
			next = res.NextPage
		}
	}
}

// page is how many of a list are asked for at once: by default a server gives 50.
const page = 50

// Fork gives the account's fork, brought to where the original's branch is.
func (f *Forge) Fork(ctx context.Context, of forge.Repository) (forge.Repository, error) {
	c, err := f.in(ctx)
	if err != nil {
		return forge.Repository{}, err
	}
	owner, name, _ := strings.Cut(of.Name, "/")
	made, res, err := c.CreateFork(owner, name, api.CreateForkOption{})
	if status(res) == http.StatusConflict { // there is one
		made, err = f.existing(c, owner, name)
	}
	if err != nil {
		return forge.Repository{}, failed("fork "+of.Name, res, err)
	}
	fork := f.facts(made)
	forkOwner, forkName, _ := strings.Cut(fork.Name, "/")
	_, res, err = c.MergeUpstream(forkOwner, forkName, api.MergeUpstreamRequest{Branch: of.DefaultBranch})
	// A fork that went its own way stays as it is, and an old server cannot do it.
	if code := status(res); err != nil && code != http.StatusBadRequest && code != http.StatusConflict && code != http.StatusNotFound && code != http.StatusUnprocessableEntity {
		return fork, failed("update "+fork.Name, res, err)
	}
	return fork, nil
}

// existing finds the account's own fork of a repository, whatever it is called.
func (f *Forge) existing(c *api.Client, owner, name string) (*api.Repository, error) {
	me, _, err := c.GetMyUserInfo()
	if err != nil {
		return nil, err
	}
	for next := 1; next > 0; {
		all, res, err := c.ListForks(owner, name, api.ListForksOptions{ListOptions: api.ListOptions{Page: next, PageSize: page}})
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(all, func(r *api.Repository) bool { return r.Owner != nil && r.Owner.ID == me.ID }); i >= 0 {
			return all[i], nil
		}
		next = res.NextPage
	}
	return nil, errors.New("the server says that there is a fork, and shows none")
}

func (f *Forge) DeleteBranch(ctx context.Context, of forge.Repository, branch string, at git.Hash) error {
	c, err := f.in(ctx)
	if err != nil {
		return err
	}
	owner, name, _ := strings.Cut(of.Name, "/")
	found, res, err := c.GetRepoBranch(owner, name, branch)
	switch {
	case status(res) == http.StatusNotFound:
		return nil
	case err != nil:
		return failed(fmt.Sprintf("look at the branch %s of %s", branch, of.Name), res, err)
	case found.Commit == nil || git.Hash(found.Commit.ID) != at:
		return fmt.Errorf("%s: %s: %w", of.Name, branch, git.ErrMoved)
	}
	_, res, err = c.DeleteRepoBranch(owner, name, branch)
	if err != nil && status(res) != http.StatusNotFound {
		return failed(fmt.Sprintf("delete the branch %s of %s", branch, of.Name), res, err)
	}
	return nil
}

var _ forge.Forge = (*Forge)(nil)
