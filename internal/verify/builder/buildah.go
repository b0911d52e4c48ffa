package builder

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/drydock-dev/drydock/internal/verify/image"
)

// buildah is the program buildah as a builder. It has no containers that processes
// can be added to, as "buildah run" makes a new one each time: nothing is started.
type buildah struct{ tool }

func newBuildah(program string, o Options) *buildah {
	p := &buildah{tool{name: "buildah", program: program, pull: "--pull=false", progress: o.Progress, agent: o.Agent}}
	p.dialect = p
	return p
}

// An UnstartedError is why a builder does not start what it builds.
type UnstartedError struct{ Builder string }

func (e *UnstartedError) Error() string {
	return e.Builder + " builds and does not start: use a BuildKit, Docker or podman"
}

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

func (p *buildah) digest(ctx context.Context, ref string) (string, error) {
	return p.run(ctx, "inspect", "--type", "image", "--format", "{{.FromImageDigest}}", ref)
}

func (p *buildah) built(_ string, config image.Config) Image { return &buildahImage{config} }

type buildahImage struct{ config image.Config }

func (i *buildahImage) Config() image.Config { return i.config }

// Start implements Image.
func (i *buildahImage) Start(context.Context) (Container, error) {
	return nil, &UnstartedError{Builder: "buildah"}
}
