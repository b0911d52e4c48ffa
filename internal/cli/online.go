package cli

import (
	"fmt"
	"sync"

	"github.com/drydock-dev/drydock/internal/registry"
)

// registries are those of the internet, and what "docker login" may see there. Of an
// image that they do not tell of the user is told, once.
func (o *Options) registries() *registry.Images {
	var mu sync.Mutex
	told := map[string]bool{}
	return registry.New(registry.Options{
		Login: registry.DockerLogin(),
		Failed: func(ref string, err error) {
			mu.Lock()
			defer mu.Unlock()
			if told[ref] || o.Quiet {
				return
			}
			told[ref] = true
			fmt.Fprintf(o.IO.Err, "--online: nothing is known of %s but what drydock's tables say: %v\n", ref, err)
		},
	})
}
