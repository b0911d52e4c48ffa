package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/gitea"
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
	if !isOwnerAndName(o.Repository) {
		return place{}, usagef("REPO is owner/name, an address or a folder, and %s is none", o.Repository)
	}
	return o.onGitHub("", o.Repository)
}

// isOwnerAndName reports whether text is owner/name rather than the path of a folder.
func isOwnerAndName(text string) bool {
	owner, name, _ := strings.Cut(text, "/")
	return strings.Trim(owner, ".") != "" && name != "" && !strings.Contains(name, "/")
}

// at reads the address of a repository: of the web, of SSH, or of a folder.
func (o *PROptions) at(address string) (place, error) {
	if address == "" {
		return place{}, errors.New("the clone has no remote called origin; name the repository")
	}
	host, name, ssh := strings.Cut(address, ":")
	if _, user, ok := strings.Cut(host, "@"); ok && ssh && !strings.Contains(address, "://") {
		return o.on(&url.URL{Scheme: "https", Host: user}, name)
	}
	address, isGitea := strings.CutPrefix(address, forge.GiteaScheme)
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return place{}, usagef("%q is no address of a repository", address)
	case u.Scheme == "file" || u.Scheme == "" && filepath.IsAbs(address):
		dir, base := filepath.Split(filepath.FromSlash(strings.TrimSuffix(u.Path, "/")))
		return place{forge: local.Forge{Dir: dir}, name: base}, nil
	case u.Scheme == "ssh":
		return o.on(&url.URL{Scheme: "https", Host: u.Hostname()}, u.Path)
	case isGitea && (u.Scheme == "https" || u.Scheme == "http"):
		return o.onGitea(&url.URL{Scheme: u.Scheme, Host: u.Host}, u.Path)
	case u.Scheme == "https" || u.Scheme == "http":
		return o.on(&url.URL{Scheme: u.Scheme, Host: u.Host}, u.Path)
	}
	return place{}, usagef("%q is no address of a repository", u.Redacted())
}

// on is a repository of a server, whose kind its address does not tell.
func (o *PROptions) on(server *url.URL, name string) (place, error) {
	if o.Server == "gitea" || o.Server == "" && giteaHosts[server.Hostname()] {
		return o.onGitea(server, name)
	}
	return o.onGitHub(server.Hostname(), name)
}

func (o *PROptions) onGitea(server *url.URL, name string) (place, error) {
	options, err := giteaAs(server.String(), o.IO.Getenv)
	if err != nil && !o.DryRun {
		return place{}, err
	}
	hub, err := gitea.New(options)
	if err != nil {
		return place{}, usagef("%s: %v", server, err)
	}
	return place{forge: hub, name: repositoryName(name)}, nil
}

// repositoryName is what a path of the web or of SSH names.
func repositoryName(path string) string { return strings.TrimSuffix(strings.Trim(path, "/"), ".git") }

// onGitHub is a repository of github.com, which "" stands for, or of a server.
func (o *PROptions) onGitHub(host, name string) (place, error) {
	options, err := gitHubAs(o.IO.Getenv)
	if errors.Is(err, errNoCredentials) && o.DryRun {
		err = nil
	}
	if err != nil {
		return place{}, err
	}
	options.API, options.Waits = o.API, o.waits
	if o.API == "" && host != "" && host != "github.com" && host != "ssh.github.com" {
		options.API = "https://" + host
	}
	hub, err := github.New(options)
	if err != nil {
		return place{}, usagef("%v", err)
	}
	return place{forge: hub, name: repositoryName(name)}, nil
}

// waits says why nothing happens for a while.
func (o *PROptions) waits(d time.Duration) {
	if d >= 5*time.Second {
		fmt.Fprintf(o.IO.Err, "drydock: GitHub's limit is reached; waiting %v\n", d.Round(time.Second))
	}
}

// lookUp finds out what a repository should get, with what its owner has set.
func lookUp(ctx context.Context, o campaign.Options, name string) (*campaign.Changeset, error) {
	repository, err := o.Forge.Repository(ctx, name)
	if err != nil {
		return nil, err
	}
	if o.Common, err = o.ReadCommon(ctx, repository.Name); err != nil {
		return nil, err
	}
	return o.LookAt(ctx, repository)
}

// look finds out what the repository should get: from the clone, as far as it
// knows the base branch, else from the forge.
func (p place) look(ctx context.Context, o campaign.Options) (*campaign.Changeset, error) {
	if p.clone == nil {
		return lookUp(ctx, o, p.name)
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
