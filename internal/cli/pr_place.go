package cli

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/github"
	"github.com/drydock-dev/drydock/internal/forge/local"
	"github.com/drydock-dev/drydock/internal/git"
)

// A place is where the repository of "drydock pr" lives.
type place struct {
	forge forge.Forge
	name  string
	clone *git.Repository // nil if REPO is no folder
}

// locate reads REPO.
func (o *PROptions) locate() (place, error) {
	if info, err := os.Stat(o.Repository); err == nil && info.IsDir() {
		clone, err := git.Open(o.Repository)
		if err != nil {
			return place{}, err
		}
		at, err := o.at(clone.OriginURL())
		at.clone = clone
		if err != nil && o.DryRun {
			return at, nil // what a clone should get can be seen without its forge
		}
		return at, err
	}
	if strings.Contains(o.Repository, "://") {
		return o.at(o.Repository)
	}
	return o.onGitHub("", o.Repository)
}

// at reads the address of a repository: of the web, of SSH, or of a folder.
func (o *PROptions) at(address string) (place, error) {
	if address == "" {
		return place{}, errors.New("the clone has no remote called origin; name the repository")
	}
	host, name, ssh := strings.Cut(address, ":")
	if _, user, ok := strings.Cut(host, "@"); ok && ssh && !strings.Contains(address, "://") {
		return o.onGitHub(user, name)
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return place{}, usagef("%q is no address of a repository", address)
	case u.Scheme == "file" || u.Scheme == "" && filepath.IsAbs(address):
		dir, base := filepath.Split(filepath.FromSlash(strings.TrimSuffix(u.Path, "/")))
		return place{forge: local.Forge{Dir: dir}, name: base}, nil
	case u.Scheme == "https" || u.Scheme == "http" || u.Scheme == "ssh":
		return o.onGitHub(u.Hostname(), strings.TrimPrefix(u.Path, "/"))
	}
	return place{}, usagef("%q is no address of a repository", u.Redacted())
}

// onGitHub is a repository of github.com, which "" stands for, or of a server.
func (o *PROptions) onGitHub(host, name string) (place, error) {
	options := github.Options{API: o.API}
	if o.API == "" && host != "" && host != "github.com" && host != "ssh.github.com" {
		options.API = "https://" + host
	}
	token := o.IO.Getenv("GH_TOKEN")
	if token == "" {
		token = o.IO.Getenv("GITHUB_TOKEN")
	}
	switch {
	case token != "":
		options.Token = func(context.Context) (string, error) { return token, nil }
	case !o.DryRun:
		return place{}, errors.New("a token is needed, in GH_TOKEN or GITHUB_TOKEN; --dry-run works without")
	}
	hub, err := github.New(options)
	if err != nil {
		return place{}, usagef("--api: %v", err)
	}
	return place{forge: hub, name: strings.TrimSuffix(strings.Trim(name, "/"), ".git")}, nil
}

// look finds out what the repository should get: from the clone, as far as it
// knows the base branch, else from the forge.
func (p place) look(ctx context.Context, o campaign.Options) (*campaign.Changeset, error) {
	if p.clone == nil {
		return o.Look(ctx, p.name)
	}
	base := o.Base
	if base == "" {
		found, err := p.clone.DefaultBranch()
		if err != nil {
			return nil, err
		}
		base = found
	}
	at, err := p.clone.RemoteBranch(base)
	if errors.Is(err, git.ErrNoBranch) {
		at, err = p.clone.Branch(base)
	}
	if err != nil {
		return nil, err
	}
	return o.Propose(ctx, forge.Repository{Name: p.name}, forge.Clone{Repository: p.clone}, base, at)
}
