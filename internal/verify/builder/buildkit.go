package builder

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	gateway "github.com/moby/buildkit/frontend/gateway/client"

	"github.com/drydock-dev/drydock/internal/verify/image"
)

// BuildKit is a builder that speaks BuildKit's protocol.
type BuildKit struct {
	name     string
	client   *client.Client
	progress Progress
	agent    string
	// rootfsOnly: the builder exports no OCI archives, as Docker's own without
	// the containerd image store.
	rootfsOnly bool
	known      image.Known
}

func (b *BuildKit) Name() string { return b.name }

func (b *BuildKit) Close() error { return b.client.Close() }

// frontend is the one that BuildKit has built in.
const frontend = "dockerfile.v0"

func (b *BuildKit) Build(ctx context.Context, r Request, use func(context.Context, Image) error) (*Result, error) {
	start := time.Now()
	opt, close, err := b.options(r)
	if err != nil {
		return nil, err
	}
	defer close()
	var config image.Config
	var files chan read
	if use != nil {
		files = make(chan read, 1)
		opt.Exports = []client.ExportEntry{b.export(files, &config)}
	}
	watch := b.progress.watch()
	built := time.Duration(0)
	_, err = b.client.Build(ctx, opt, "drydock", func(ctx context.Context, g gateway.Client) (*gateway.Result, error) {
		res, err := g.Solve(ctx, gateway.SolveRequest{Frontend: frontend, FrontendOpt: opt.FrontendAttrs, Evaluate: true})
		if err != nil {
			return nil, err
		}
		built = time.Since(start)
		if err := json.Unmarshal(res.Metadata[exptypes.ExporterImageConfigKey], &config); err != nil {
			return nil, fmt.Errorf("the image's configuration: %w", err)
		}
		if use == nil {
			return gateway.NewResult(), nil
		}
		ref, err := res.SingleRef()
		if err != nil {
			return nil, err
		}
		return res, use(ctx, &buildkitImage{builder: b, gateway: g, ref: ref, config: config})
	}, watch.statuses)
	watch.wait()
	if err != nil {
		if ctx.Err() != nil {
			return nil, timeout(ctx, err)
		}
		if failure := watch.failure(err); failure != nil {
			return nil, failure
		}
		return nil, fmt.Errorf("%s: %w", b.name, err)
	}
	result := &Result{Steps: watch.steps(), Took: built}
	if use == nil {
		return result, nil
	}
	got := <-files
	result.Image = got.image
	return result, got.err
}

// read is what came of reading an export.
type read struct {
	image *image.Image
	err   error
}

// export hands the image's files to package image as they are exported.
func (b *BuildKit) export(files chan<- read, config *image.Config) client.ExportEntry {
	e := client.ExportEntry{Type: client.ExporterOCI, Attrs: map[string]string{"compression": "uncompressed"}}
	if b.rootfsOnly {
		e = client.ExportEntry{Type: client.ExporterTar}
	}
	e.Output = func(map[string]string) (io.WriteCloser, error) {
		r, w := io.Pipe()
		go func() {
			var got read
			if b.rootfsOnly {
				got.image, got.err = image.ReadRootfs(r, *config)
			} else {
				got.image, got.err = image.ReadArchive(r, &b.known)
			}
			r.CloseWithError(got.err)
			files <- got
		}()
		return w, nil
	}
	return e
}

// takes fails for what the builder cannot be given, and would take for an image that
// it cannot fetch.
func (b *BuildKit) takes(r Request) error {
	if b.rootfsOnly && len(r.Layouts) > 0 {
		return fmt.Errorf("--image-layout: %s reads no OCI image layouts, as it keeps no images in containerd; name a BuildKit with --builder", b.name)
	}
	return nil
}

// Bases implements Builder.
func (b *BuildKit) Bases(ctx context.Context, r Request, refs []string) (map[string]Base, error) {
	if err := b.takes(r); err != nil {
		return nil, err
	}
	opt := client.SolveOpt{OCIStores: map[string]content.Store{}, FrontendAttrs: map[string]string{}}
	found := map[string]Base{}
	_, err := b.client.Build(ctx, opt, "drydock", func(ctx context.Context, g gateway.Client) (*gateway.Result, error) {
		for _, ref := range refs {
			if dir, ok := r.layout(ref); ok {
				base, err := layoutBase(dir)
				if err != nil {
					return nil, fmt.Errorf("--image-layout %s: %w", ref, err)
				}
				found[ref] = base
				continue
			}
			name, digest, text, err := resolve(ctx, g, ref, r.Platform)
			if err != nil {
				continue // the build itself will say so
			}
			base := Base{Digest: digest}
			if err := json.Unmarshal(text, &base.Config); err != nil {
				return nil, fmt.Errorf("the configuration of %s: %w", name, err)
			}
			found[ref] = base
		}
		return gateway.NewResult(), nil
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.name, err)
	}
	return found, nil
}

// resolve looks an image up, for a platform or else the builder's own.
func resolve(ctx context.Context, g gateway.Client, ref, platform string) (name, digest string, config []byte, err error) {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return "", "", nil, err
	}
	opt := sourceresolver.Opt{}
	if platform != "" {
		p, err := platforms.Parse(platform)
		if err != nil {
			return "", "", nil, err
		}
		opt.ImageOpt = &sourceresolver.ResolveImageOpt{Platform: &p}
	}
	name, d, config, err := g.ResolveImageConfig(ctx, reference.TagNameOnly(named).String(), opt)
	return name, d.String(), config, err
}
