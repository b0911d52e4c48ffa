package builder

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/moby/buildkit/session/sshforward/sshprovider"
	"github.com/tonistiigi/fsutil"
)

// options says what a build gets: the context, the Dockerfile, and what the user
// passes through. close removes what was written for it.
func (b *BuildKit) options(r Request) (opt client.SolveOpt, close func(), err error) {
	if err := b.takes(r); err != nil {
		return opt, nil, err
	}
	dir, err := os.MkdirTemp("", "drydock-")
	if err != nil {
		return opt, nil, err
	}
	close = func() { os.RemoveAll(dir) }
	defer func() {
		if err != nil {
			close()
		}
	}()
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(r.Dockerfile), 0o600); err != nil {
		return opt, nil, err
	}
	// The context is filtered here; an empty file keeps the frontend from looking
	// for one that it would find too late.
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile.dockerignore"), nil, 0o600); err != nil {
		return opt, nil, err
	}
	dockerfile, err := fsutil.NewFS(dir)
	if err != nil {
		return opt, nil, err
	}
	files, err := contextFiles(r)
	if err != nil {
		return opt, nil, err
	}
	opt = client.SolveOpt{
		LocalMounts: map[string]fsutil.FS{"context": files, "dockerfile": dockerfile},
		OCIStores:   map[string]content.Store{},
		SharedKey:   "drydock:" + r.Context,
		FrontendAttrs: map[string]string{
			"filename": "Dockerfile", "target": r.Target,
			// A "# syntax=" line names a program that would take the build over.
			"cmdline": "none",
		},
	}
	if r.Platform != "" {
		opt.FrontendAttrs["platform"] = r.Platform
	}
	for name, value := range r.Args {
		opt.FrontendAttrs["build-arg:"+name] = value
	}
	if b.agent != "" {
		if opt.LocalMounts["agent"], err = agentFiles(b.agent); err != nil {
			return opt, nil, err
		}
	}
	if err := layouts(&opt, r.Layouts); err != nil {
		return opt, nil, err
	}
	opt.Session, err = attachables(r)
	return opt, close, err
}

// attachables are the secrets and SSH agents that the user gives the build.
func attachables(r Request) ([]session.Attachable, error) {
	var all []session.Attachable
	if len(r.Secrets) > 0 {
		var sources []secretsprovider.Source
		for _, text := range r.Secrets {
			s, err := secret(text)
			if err != nil {
				return nil, err
			}
			sources = append(sources, s)
		}
		store, err := secretsprovider.NewStore(sources)
		if err != nil {
			return nil, fmt.Errorf("--secret: %w", err)
		}
		all = append(all, secretsprovider.NewSecretProvider(store))
	}
	if len(r.SSH) > 0 {
		var agents []sshprovider.AgentConfig
		for _, text := range r.SSH {
			id, paths, ok := strings.Cut(text, "=")
			a := sshprovider.AgentConfig{ID: id}
			if ok {
				a.Paths = strings.Split(paths, ",")
			}
			agents = append(agents, a)
		}
		provider, err := sshprovider.NewSSHAgentProvider(agents)
		if err != nil {
			return nil, fmt.Errorf("--ssh: %w", err)
		}
		all = append(all, provider)
	}
	return all, nil
}

// secret reads "id=NAME[,src=FILE][,env=VARIABLE]".
func secret(text string) (secretsprovider.Source, error) {
	var s secretsprovider.Source
	for _, part := range strings.Split(text, ",") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "id":
			s.ID = value
		case "src", "source":
			s.FilePath = value
		case "env":
			s.Env = value
		case "type":
		default:
			return s, fmt.Errorf("--secret takes id=NAME[,src=FILE|,env=VARIABLE], not %q", text)
		}
	}
	return s, nil
}
