package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	api "github.com/google/go-github/v60/github"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// A Forge is GitHub as one identity sees it.
type Forge struct {
	client      *api.Client
	graphQL     string      // the address of the GraphQL API
	credentials credentials // nil: anonymous
	app         *installations
	clock       clock
	cache       forge.Cache
	unverified  bool // the server does not sign commits
	listed      listed
	together    together
}

// Options say which GitHub, and as whom.
type Options struct {
	// API is the address of a server's API, such as https://github.example.com;
	// "" is github.com. A path is kept, and /api/v3/ is added where there is none.
	API string
	// Token gives a token, afresh for each use; nil is anonymous.
	Token func(context.Context) (string, error)
	// App is whom to act as in the place of a token; nil is nobody.
	App *App
	// Transport sends the requests; nil is the default one. Every attempt passes it,
	// so that a budget and an audit log can stand there: it sees the answers of 304,
	// and X-GitHub-Request-Id. Its errors end a call, and can be told by errors.As.
	Transport http.RoundTripper
	// Pace is the time between writes; 0 is the second that GitHub asks for. It is
	// negative where Transport paces them.
	Pace time.Duration
	// Waits is told how long the next call waits for a limit; nil is told nothing.
	Waits func(time.Duration)
	// Cache keeps answers; nil keeps some in memory.
	Cache forge.Cache
}

// CacheBytes is room in memory for the answers about some hundred repositories.
const CacheBytes = 64 << 20

// New makes a forge. The error is about the address.
func New(o Options) (*Forge, error) { return newForge(o, systemClock) }

func newForge(o Options, c clock) (*Forge, error) {
	f := &Forge{clock: c, cache: o.Cache}
	f.together.forge = f
	if f.cache == nil {
		f.cache = &forge.Memory{Bytes: CacheBytes}
	}
	base, err := url.Parse(defaultAPI)
	if o.API != "" {
		base, err = apiOf(o.API)
	}
	if err != nil {
		return nil, err
	}
	f.graphQL = strings.TrimSuffix(base.String(), "v3/") + "graphql"
	next := o.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	switch {
	case o.App != nil:
		if f.app, err = newInstallations(*o.App, c); err != nil {
			return nil, err
		}
		f.app.client = client(base, &transport{next: next, host: base.Host, credentials: itself{f.app}, clock: c, pace: betweenWrites, waits: o.Waits})
		f.credentials, f.unverified = f.app, o.App.Unsigned
	case o.Token != nil:
		f.credentials = oneToken(o.Token)
	}
	t := &transport{next: next, host: base.Host, credentials: f.credentials, clock: c, pace: cmp.Or(o.Pace, betweenWrites), waits: o.Waits}
	f.client = client(base, &conditional{t, f.cache})
	return f, nil
}

const defaultAPI = "https://api.github.com/"

func apiOf(address string) (*url.URL, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.User != nil || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("the API's address is no https:// URL without user")
	}
	if strings.Trim(base.Path, "/") == "" {
		base.Path = "/api/v3/"
	}
	base.Path = strings.TrimSuffix(base.Path, "/") + "/"
	return base, nil
}

func client(base *url.URL, t http.RoundTripper) *api.Client {
	c := api.NewClient(&http.Client{Transport: t})
	c.BaseURL = base
	return c
}

// gitCredentials are those for the repositories of an owner.
func (f *Forge) gitCredentials(owner string) git.Credentials {
	if f.credentials == nil {
		return nil
	}
	return func(ctx context.Context) (string, string, error) {
		token, err := f.credentials.token(ctx, owner)
		return "x-access-token", token, err
	}
}

// Bot is none for a token of a user, whose commits are as they are asked for.
func (f *Forge) Bot(ctx context.Context, _ forge.Repository) (string, error) {
	if f.app == nil {
		return "", nil
	}
	return f.app.bot(ctx)
}

func (f *Forge) Repository(ctx context.Context, name string) (forge.Repository, error) {
	owner, repo, ok := strings.Cut(name, "/")
	if !ok || owner == "" || repo == "" || strings.Contains(repo, "/") {
		return forge.Repository{}, fmt.Errorf("%s is not of the form owner/name", name)
	}
	if found, ok := f.listed.take(name, f.clock.now()); ok {
		return found, nil
	}
	// A renamed repository answers with its new name.
	found, _, err := f.client.Repositories.Get(ctx, owner, repo)
	if err != nil {
		return forge.Repository{}, failed("look up "+name, err)
	}
	return f.repository(ctx, found)
}

// Common is where GitHub itself looks for what an owner's repositories do not have
// ("Creating a default community health file").
func (f *Forge) Common(owner string) string { return owner + "/.github" }

func (f *Forge) repository(ctx context.Context, r *api.Repository) (forge.Repository, error) {
	found := f.facts(r)
	if r.GetSize() > 0 {
		return found, nil
	}
	// GitHub gives an empty repository a default branch that is not there.
	_, err := f.call(ctx, http.MethodGet, fmt.Sprintf("repos/%s/branches/%s", found.Name, url.PathEscape(found.DefaultBranch)), nil)
	if status(err) == http.StatusNotFound {
		found.DefaultBranch = ""
		return found, nil
	}
	if err != nil {
		return found, failed("look up "+found.Name, err)
	}
	return found, nil
}

// A fork is made in the background.
const (
	betweenLooks = 2 * time.Second
	looksForFork = 60
)

func (f *Forge) Fork(ctx context.Context, of forge.Repository) (forge.Repository, error) {
	owner, name, _ := strings.Cut(of.Name, "/")
	made, _, err := f.client.Repositories.CreateFork(ctx, owner, name, &api.RepositoryCreateForkOptions{DefaultBranchOnly: true})
	var accepted *api.AcceptedError
	if err != nil && !errors.As(err, &accepted) {
		return forge.Repository{}, failed("fork "+of.Name, err)
	}
	for range looksForFork {
		found, err := f.Repository(ctx, made.GetFullName())
		if err == nil && found.DefaultBranch != "" {
			return found, f.catchUp(ctx, found, of)
		}
		if err != nil && !errors.Is(err, forge.ErrNotFound) {
			return forge.Repository{}, err
		}
		if err := f.clock.sleep(ctx, betweenLooks); err != nil {
			return forge.Repository{}, err
		}
	}
	return forge.Repository{}, fmt.Errorf("fork %s: %s is not ready after %v", of.Name, made.GetFullName(), betweenLooks*looksForFork)
}

// catchUp brings a fork's branch to where the original's is, so that a push need
// not carry what came since. A fork that went its own way stays as it is.
func (f *Forge) catchUp(ctx context.Context, fork, of forge.Repository) error {
	path := fmt.Sprintf("repos/%s/merge-upstream", fork.Name)
	_, err := f.call(ctx, http.MethodPost, path, map[string]string{"branch": of.DefaultBranch})
	if code := status(err); code == http.StatusConflict || code == http.StatusUnprocessableEntity {
		return nil
	}
	if err != nil {
		return failed("update "+fork.Name, err)
	}
	return nil
}

// call makes a request that the library has no method for, or one whose errors it
// hides.
func (f *Forge) call(ctx context.Context, method, path string, body any) (*api.Response, error) {
	req, err := f.client.NewRequest(method, path, body)
	if err != nil {
		return nil, err
	}
	return f.client.Do(ctx, req, nil)
}

// failed tells what was tried, and what GitHub says without the call's details.
func failed(what string, err error) error {
	var answer *api.ErrorResponse
	switch {
	case status(err) == http.StatusNotFound:
		return fmt.Errorf("%s: %w", what, forge.ErrNotFound)
	case errors.As(err, &answer):
		message := answer.Message
		for _, e := range answer.Errors {
			message += "; " + strings.TrimSpace(e.Field+" "+e.Code+" "+e.Message)
		}
		return fmt.Errorf("%s: GitHub says %d: %s", what, answer.Response.StatusCode, message)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// status is the HTTP status of an error, 0 if it has none.
func status(err error) int {
	var answer *api.ErrorResponse
	if errors.As(err, &answer) && answer.Response != nil {
		return answer.Response.StatusCode
	}
	return 0
}
