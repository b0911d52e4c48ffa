package registry

import (
	"fmt"
	"sync"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
)

// DockerLogin gives the logins that "docker login" keeps, in Docker's configuration
// or in the credential helper that it names. It may be used from several goroutines.
func DockerLogin() func(host string) (user, secret string, err error) {
	read := sync.OnceValues(func() (*configfile.ConfigFile, error) { return config.Load(config.Dir()) })
	var mu sync.Mutex
	return func(host string) (string, string, error) {
		file, err := read()
		if err != nil {
			return "", "", fmt.Errorf("docker's configuration: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		// Docker Hub is kept under the address that it had at first
		// (docker/cli, cli/config/configfile and registry.IndexServer).
		if host == "registry-1.docker.io" || host == "docker.io" {
			host = "https://index.docker.io/v1/"
		}
		login, err := file.GetAuthConfig(host)
		if err != nil {
			return "", "", fmt.Errorf("the login for %s: %w", host, err)
		}
		if login.IdentityToken != "" {
			return "", login.IdentityToken, nil
		}
		return login.Username, login.Password, nil
	}
}
