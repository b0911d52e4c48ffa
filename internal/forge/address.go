package forge

import (
	"net/url"
	"strings"
)

// GiteaScheme marks the address of a Gitea or Forgejo, which no address shows:
// gitea+https://host.
const GiteaScheme = "gitea+"

// A Kind is a family of forges.
type Kind string

const (
	GitHub Kind = "github" // github.com and GitHub Enterprise
	Gitea  Kind = "gitea"  // and Forgejo
	Folder Kind = "folder" // of bare repositories
)

// Source names the forge at an address, the same for every address of one.
func Source(address string) string {
	kind, host := At(address)
	return string(kind) + " " + host
}

// At tells what is at the address of a forge, as campaigns name it, and by which host
// people reach it, in lower case.
func At(address string) (kind Kind, host string) {
	rest, isGitea := strings.CutPrefix(address, GiteaScheme)
	if !strings.Contains(rest, "://") {
		rest = "https://" + rest
	}
	u, err := url.Parse(rest)
	switch {
	case err != nil || u.Scheme == "file":
		return Folder, ""
	case isGitea:
		return Gitea, strings.ToLower(u.Host)
	}
	// The API of github.com, and of the enterprises that GitHub hosts, has a host of
	// its own.
	return GitHub, strings.TrimPrefix(strings.ToLower(u.Host), "api.")
}
