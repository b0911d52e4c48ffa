package cli

import (
	"path/filepath"
	"sync"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/fix"
)

// A policy is what the flags and a configuration together ask for.
type policy struct {
	config  *config.Config
	fixers  []fix.Fixer
	atLeast fix.Safety
}

// policies gives each folder its policy. It may be used from several goroutines.
type policies struct {
	options *Options

	mu       sync.Mutex
	byFolder map[string]found
	byFile   map[string]found
}

type found struct {
	policy *policy
	err    error
}

// of gives the policy for a folder, an absolute path. The error is a
// *config.Error.
func (p *policies) of(dir string) (*policy, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, known := p.byFolder[dir]
	if !known {
		f = p.load(p.fileFor(dir))
		if p.byFolder == nil {
			p.byFolder = map[string]found{}
		}
		p.byFolder[dir] = f
	}
	return f.policy, f.err
}

func (p *policies) fileFor(dir string) string {
	if p.options.Config != "" {
		return p.options.Config
	}
	return config.Find(dir)
}

// load reads a configuration, "" being none, unless it was read before.
func (p *policies) load(file string) found {
	if f, known := p.byFile[file]; known {
		return f
	}
	f := found{}
	c := &config.Config{}
	if file != "" {
		c, f.err = config.Load(shortened(file), names(p.options.Fixers))
	}
	if f.err == nil {
		f.policy = p.options.policy(c)
	}
	if p.byFile == nil {
		p.byFile = map[string]found{}
	}
	p.byFile[file] = f
	return f
}

// policy lets the flags override a configuration.
func (o *Options) policy(c *config.Config) *policy {
	p := &policy{config: c}
	p.fixers, p.atLeast = o.Selection.Of(c, o.Fixers)
	return p
}

// shortened is an absolute path relative to the current folder, if it lies below.
func shortened(path string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	return relativeTo(here, path)
}
