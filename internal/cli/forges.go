package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/drydock-dev/drydock/internal/forge/gitea"
	"github.com/drydock-dev/drydock/internal/forge/github"
)

var errNoCredentials = errors.New("a token is needed, in GH_TOKEN or GITHUB_TOKEN, or an App in DRYDOCK_APP_ID and DRYDOCK_APP_KEY")

// gitHubAs says whom the environment lets drydock act as on GitHub: an App, or the
// account that a token belongs to. The error is errNoCredentials for nobody.
func gitHubAs(getenv func(string) string) (github.Options, error) {
	if name := getenv("DRYDOCK_APP_KEY"); name != "" {
		key, err := readSecret(name)
		if err != nil {
			return github.Options{}, fmt.Errorf("DRYDOCK_APP_KEY: %w", err)
		}
		app := &github.App{ID: getenv("DRYDOCK_APP_ID"), Key: []byte(key), Unsigned: getenv("DRYDOCK_APP_UNSIGNED") != ""}
		return github.Options{App: app}, nil
	}
	token := tokenIn(getenv, "GH_TOKEN", "GITHUB_TOKEN")
	if token == nil {
		return github.Options{}, errNoCredentials
	}
	return github.Options{Token: token}, nil
}

// giteaAs is a server of Gitea or Forgejo.
func giteaAs(address string, getenv func(string) string) (gitea.Options, error) {
	o := gitea.Options{URL: address, Token: tokenIn(getenv, "GITEA_TOKEN", "FORGEJO_TOKEN")}
	if o.Token == nil {
		return o, errors.New("a token is needed, in GITEA_TOKEN or FORGEJO_TOKEN")
	}
	return o, nil
}

// tokenIn gives the token of the first variable that is set, or of the file that
// NAME_FILE names, which is read again at each use: whoever mints tokens may
// replace it. It is nil if there is none.
func tokenIn(getenv func(string) string, names ...string) func(context.Context) (string, error) {
	for _, name := range names {
		if token := strings.TrimSpace(getenv(name)); token != "" {
			return func(context.Context) (string, error) { return token, nil }
		}
	}
	for _, name := range names {
		if file := getenv(name + "_FILE"); file != "" {
			return func(context.Context) (string, error) {
				token, err := readSecret(file)
				if err != nil {
					return "", fmt.Errorf("%s_FILE: %w", name, err)
				}
				return token, nil
			}
		}
	}
	return nil
}

// longestSecret is the size in bytes of a file that can be a key or a token.
const longestSecret = 64 << 10

func readSecret(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, longestSecret+1))
	switch {
	case err != nil:
		return "", err
	case len(text) > longestSecret:
		return "", fmt.Errorf("%s is larger than a secret is", name)
	case strings.TrimSpace(string(text)) == "":
		return "", fmt.Errorf("%s is empty", name)
	}
	return strings.TrimSpace(string(text)), nil
}

// giteaHosts are the public servers that are known to be one.
var giteaHosts = map[string]bool{"codeberg.org": true, "gitea.com": true}
