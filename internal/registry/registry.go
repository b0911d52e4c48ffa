// Package registry asks registries for the configuration of images, and for nothing
// else: no layer is fetched.
//
// Invariants: it asks only for images that it is given, each once; what a registry
// says is bounded in size and time, and held to its digest; a login goes to the
// registry that it is for. What a registry does not tell has a reason for people.
package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"
	"github.com/containerd/errdefs"
	"github.com/containerd/log"
	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Options say how registries are asked. The zero value is of use.
type Options struct {
	// Limit bounds the time for one image, logins included; 0 means 15 seconds.
	Limit time.Duration
	// Login gives the user and the secret for a registry's host, "" for none; nil
	// asks all without a login.
	Login func(host string) (user, secret string, err error)
	// Failed is told of every image that no configuration is known of, once; nil for
	// no one.
	Failed func(ref string, err error)
}

// maxDocument bounds each answer, in bytes: an index, a manifest, a configuration, a
// token. Those of images in use are of some ten thousand.
const maxDocument = 4 << 20

// Images are the images that registries were asked about. It may be used from
// several goroutines.
type Images struct {
	options  Options
	resolver remotes.Resolver

	mu    sync.Mutex
	known map[string]*answer // by reference and platform
	down  map[string]error   // by host: those that did not answer at all
}

// An answer is what a registry says of an image.
type answer struct {
	once   sync.Once
	config []byte
}

// New makes an Images that knows none yet.
func New(o Options) *Images {
	if o.Limit == 0 {
		o.Limit = 15 * time.Second
	}
	// What it tells in passing, Failed is told in words for people.
	_ = log.SetLevel("error")
	client := &http.Client{Transport: bounded{transport()}, CheckRedirect: redirect}
	return &Images{
		options: o,
		resolver: docker.NewResolver(docker.ResolverOptions{Hosts: docker.ConfigureDefaultRegistries(
			docker.WithClient(client),
			docker.WithPlainHTTP(docker.MatchLocalhost),
			docker.WithAuthorizer(docker.NewDockerAuthorizer(docker.WithAuthClient(client), docker.WithAuthCreds(o.Login))),
		)}),
		known: map[string]*answer{}, down: map[string]error{},
	}
}

// Config gives the configuration of an image for a platform, as JSON: see
// ocispec.Image. It is nil where the registry does not tell.
func (i *Images) Config(ctx context.Context, ref string, platform ocispec.Platform) []byte {
	named, err := reference.ParseDockerRef(ref)
	if err != nil {
		return nil // BuildKit says so
	}
	i.mu.Lock()
	key := named.String() + " " + platforms.FormatAll(platform)
	a := i.known[key]
	if a == nil {
		a = &answer{}
		i.known[key] = a
	}
	i.mu.Unlock()
	a.once.Do(func() {
		config, err := i.ask(ctx, named, platform)
		if err != nil {
			if i.options.Failed != nil && ctx.Err() == nil {
				i.options.Failed(ref, err)
			}
			return
		}
		a.config = config
	})
	return a.config
}

// ask asks the image's registry, unless that was found to be away.
func (i *Images) ask(ctx context.Context, named reference.Named, platform ocispec.Platform) ([]byte, error) {
	host := reference.Domain(named)
	i.mu.Lock()
	down := i.down[host]
	i.mu.Unlock()
	if down != nil {
		return nil, down
	}
	limited, cancel := context.WithTimeoutCause(ctx, i.options.Limit, fmt.Errorf("no answer within %v", i.options.Limit))
	defer cancel()
	config, err := i.fetch(limited, named, platform)
	if err == nil {
		return config, nil
	}
	away := limited.Err() != nil && ctx.Err() == nil
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		away = true
	}
	err = fmt.Errorf("%s: %w", host, reason(limited, err))
	if away {
		i.mu.Lock()
		i.down[host] = err
		i.mu.Unlock()
	}
	return nil, err
}

// fetch reads the index, the manifest for the platform, and its configuration.
func (i *Images) fetch(ctx context.Context, named reference.Named, platform ocispec.Platform) ([]byte, error) {
	name, d, err := i.resolver.Resolve(ctx, named.String())
	if err != nil {
		return nil, err
	}
	fetcher, err := i.resolver.Fetcher(ctx, name)
	if err != nil {
		return nil, err
	}
	if images.IsIndexType(d.MediaType) {
		var index ocispec.Index
		if err := document(ctx, fetcher, d, &index); err != nil {
			return nil, fmt.Errorf("the index: %w", err)
		}
		if d, err = choose(index.Manifests, platform); err != nil {
			return nil, err
		}
	}
	if !images.IsManifestType(d.MediaType) {
		return nil, fmt.Errorf("it gives %q, which is no image", d.MediaType)
	}
	var manifest ocispec.Manifest
	if err := document(ctx, fetcher, d, &manifest); err != nil {
		return nil, fmt.Errorf("the manifest: %w", err)
	}
	if !images.IsConfigType(manifest.Config.MediaType) {
		return nil, fmt.Errorf("it gives %q, which is no image's configuration", manifest.Config.MediaType)
	}
	text, err := read(ctx, fetcher, manifest.Config)
	if err != nil {
		return nil, fmt.Errorf("the configuration: %w", err)
	}
	var config ocispec.Image
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("the configuration: %w", err)
	}
	// An image without an index may be of any platform.
	if config.OS != "" && !platforms.Only(platform).Match(config.Platform) {
		return nil, fmt.Errorf("it has the image for %s only", platforms.FormatAll(config.Platform))
	}
	return text, nil
}

// choose finds the manifest that a builder would take.
func choose(all []ocispec.Descriptor, platform ocispec.Platform) (ocispec.Descriptor, error) {
	matcher := platforms.Only(platform)
	var best *ocispec.Descriptor
	for n, d := range all {
		if d.Platform == nil || !matcher.Match(*d.Platform) {
			continue
		}
		if best == nil || matcher.Less(*d.Platform, *best.Platform) {
			best = &all[n]
		}
	}
	if best == nil {
		return ocispec.Descriptor{}, fmt.Errorf("it has no image for %s", platforms.FormatAll(platform))
	}
	return *best, nil
}

func document(ctx context.Context, f remotes.Fetcher, d ocispec.Descriptor, to any) error {
	text, err := read(ctx, f, d)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}

// read fetches a document and holds it to its digest.
func read(ctx context.Context, f remotes.Fetcher, d ocispec.Descriptor) ([]byte, error) {
	if err := d.Digest.Validate(); err != nil {
		return nil, fmt.Errorf("the digest: %w", err)
	}
	if d.Size > maxDocument {
		return nil, errTooLarge
	}
	r, err := f.Fetch(ctx, d)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxDocument:
		return nil, errTooLarge
	case d.Digest.Algorithm().FromBytes(text) != d.Digest:
		return nil, errors.New("it does not have its digest")
	}
	return text, nil
}

var errTooLarge = fmt.Errorf("it says more than %d MB", maxDocument>>20)

// reason is an error of the libraries as people want it.
func reason(ctx context.Context, err error) error {
	var status remoteserrors.ErrUnexpectedStatus
	code := 0
	if errors.As(err, &status) {
		code = status.StatusCode
	}
	var dial *net.OpError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, errTooLarge):
		return errTooLarge
	case errdefs.IsFailedPrecondition(err):
		return errors.New("it sends more than it says")
	case code == http.StatusUnauthorized, code == http.StatusForbidden, errors.Is(err, docker.ErrInvalidAuthorization):
		return errors.New("it refuses: is the image private? docker login gives the login that is used")
	case code == http.StatusTooManyRequests:
		return errors.New("it has had too many requests from here")
	case code == http.StatusNotFound, errdefs.IsNotFound(err):
		return errors.New("it does not have the image")
	case code != 0:
		return fmt.Errorf("it answers %s", status.Status)
	case errors.As(err, &dial):
		return dial
	}
	// The rest names requests and their URLs: keep what is said last.
	text := err.Error()
	if at := strings.LastIndex(text, "\": "); at >= 0 {
		text = text[at+len("\": "):]
	}
	return errors.New(text)
}
