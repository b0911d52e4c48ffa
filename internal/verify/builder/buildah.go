package builder

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/drydock-dev/drydock/internal/verify/image"
)

// buildah is the program buildah as a builder. It has no containers that processes
// can be added to, as "buildah run" makes a new one each time: nothing is started.
type buildah struct{ tool }

func newBuildah(program string, o Options) *buildah {
	return &buildah{tool{name: "buildah", program: program, pull: "--pull=false", progress: o.Progress, agent: o.Agent}}
}

// An UnstartedError is why a builder does not start what it builds.
type UnstartedError struct{ Builder string }

func (e *UnstartedError) Error() string {
	return e.Builder + " builds and does not start: use a BuildKit, Docker or podman"
}

func (p *buildah) Build(ctx context.Context, r Request, use func(context.Context, Image) error) (*Result, error) {
	dir, err := os.MkdirTemp("", "drydock-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	id, result, err := p.make(ctx, r, dir)
	if err != nil || use == nil {
		return result, err
	}
	built := &buildahImage{}
	if built.config, err = p.inspect(ctx, id); err != nil {
		return nil, err
	}
	if err := use(ctx, built); err != nil {
		return nil, err
	}
	result.Image, err = p.files(ctx, id, dir)
	return result, err
}

// inspect gives an image's configuration as Docker has it.
func (p *buildah) inspect(ctx context.Context, id string) (image.Config, error) {
	out, err := p.run(ctx, "inspect", "--type", "image", id)
	if err != nil {
		return image.Config{}, err
	}
	var all struct{ Docker image.Config }
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		return image.Config{}, fmt.Errorf("buildah inspect: %w", err)
	}
	return all.Docker, nil
}

// files reads the image's files.
func (p *buildah) files(ctx context.Context, id, dir string) (*image.Image, error) {
	name := filepath.Join(dir, "image.tar")
	if _, err := p.run(ctx, "push", "--quiet", "--disable-compression", "--format", "oci", id, "oci-archive:"+name); err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return image.ReadArchive(f, &p.known)
}

// Bases implements Builder. Only images that are here already are known.
func (p *buildah) Bases(ctx context.Context, r Request, refs []string) (map[string]Base, error) {
	found := map[string]Base{}
	for _, ref := range refs {
		if dir, ok := r.layout(ref); ok {
			base, err := layoutBase(dir)
			if err != nil {
				return nil, err
			}
			found[ref] = base
			continue
		}
		out, err := p.run(ctx, "inspect", "--type", "image", "--format", "{{.FromImageDigest}}", ref)
		if err != nil {
			continue // the build itself will say so
		}
		config, err := p.inspect(ctx, ref)
		if err != nil {
			return nil, err
		}
		found[ref] = Base{Digest: strings.TrimSpace(out), Config: config}
	}
	return found, nil
}

type buildahImage struct{ config image.Config }

func (i *buildahImage) Config() image.Config { return i.config }

// Start implements Image.
func (i *buildahImage) Start(context.Context) (Container, error) {
	return nil, &UnstartedError{Builder: "buildah"}
}
