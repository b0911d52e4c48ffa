package builder

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/distribution/reference"
	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/moby/buildkit/session/sshforward/sshprovider"
	"github.com/moby/buildkit/solver/pb"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"

	"github.com/drydock-dev/drydock/internal/verify/agent"
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
				got.image, got.err = image.ReadArchive(r)
			}
			r.CloseWithError(got.err)
			files <- got
		}()
		return w, nil
	}
	return e
}

// options says what a build gets: the context, the Dockerfile, and what the user
// passes through. close removes what was written for it.
func (b *BuildKit) options(r Request) (opt client.SolveOpt, close func(), err error) {
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

// contextFiles is the build context, without what is ignored.
func contextFiles(r Request) (fsutil.FS, error) {
	if r.Context == "" {
		return fsutil.NewFilterFS(emptyFS{}, nil)
	}
	files, err := fsutil.NewFS(r.Context)
	if err != nil {
		return nil, fmt.Errorf("build context: %w", err)
	}
	if len(r.Ignore) > 0 {
		if files, err = fsutil.NewFilterFS(files, &fsutil.FilterOpt{ExcludePatterns: r.Ignore}); err != nil {
			return nil, fmt.Errorf(".dockerignore: %w", err)
		}
	}
	// The builder has other users' IDs than this machine: files belong to root, as
	// with docker build.
	files, err = fsutil.NewFilterFS(files, &fsutil.FilterOpt{Map: func(_ string, st *fstypes.Stat) fsutil.MapResult {
		st.Uid, st.Gid = 0, 0
		return fsutil.MapResultKeep
	}})
	if err != nil || r.Edited == "" {
		return files, err
	}
	return editedFS{FS: files, name: r.Edited, text: r.Edit}, nil
}

// agentFiles is a folder with the agent alone, named drydock.
func agentFiles(path string) (fsutil.FS, error) {
	dir, base := filepath.Split(path)
	files, err := fsutil.NewFS(filepath.Clean(dir))
	if err != nil {
		return nil, fmt.Errorf("the agent: %w", err)
	}
	return fsutil.NewFilterFS(files, &fsutil.FilterOpt{IncludePatterns: []string{base}, Map: func(_ string, st *fstypes.Stat) fsutil.MapResult {
		st.Uid, st.Gid = 0, 0
		return fsutil.MapResultKeep
	}})
}

// layouts adds the image layouts as named contexts. BuildKit looks them up by
// what FROM says, without ":latest".
func layouts(opt *client.SolveOpt, byName map[string]string) error {
	n := 0
	for name, dir := range byName {
		digest, err := LayoutDigest(dir)
		if err != nil {
			return fmt.Errorf("--image-layout %s: %w", name, err)
		}
		store, err := local.NewStore(dir)
		if err != nil {
			return fmt.Errorf("--image-layout %s: %w", name, err)
		}
		id := fmt.Sprintf("layout%d", n)
		n++
		opt.OCIStores[id] = store
		opt.FrontendAttrs["context:"+strings.TrimSuffix(name, ":latest")] = "oci-layout://" + id + "@" + digest
	}
	return nil
}

// LayoutDigest is the digest of the image in an OCI layout.
func LayoutDigest(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, ocispec.ImageIndexFile))
	if err != nil {
		return "", err
	}
	var index ocispec.Index
	if err := json.Unmarshal(text, &index); err != nil {
		return "", fmt.Errorf("index.json: %w", err)
	}
	if len(index.Manifests) == 0 {
		return "", errors.New("index.json names no image")
	}
	return index.Manifests[0].Digest.String(), nil
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

// Bases implements Builder.
func (b *BuildKit) Bases(ctx context.Context, r Request, refs []string) (map[string]Base, error) {
	opt := client.SolveOpt{OCIStores: map[string]content.Store{}, FrontendAttrs: map[string]string{}}
	found := map[string]Base{}
	_, err := b.client.Build(ctx, opt, "drydock", func(ctx context.Context, g gateway.Client) (*gateway.Result, error) {
		for _, ref := range refs {
			if dir, ok := r.layout(ref); ok {
				base, err := layoutBase(dir)
				if err != nil {
					return nil, err
				}
				found[ref] = base
				continue
			}
			name, digest, text, err := resolve(ctx, g, ref)
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

func resolve(ctx context.Context, g gateway.Client, ref string) (name, digest string, config []byte, err error) {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return "", "", nil, err
	}
	name, d, config, err := g.ResolveImageConfig(ctx, reference.TagNameOnly(named).String(), sourceresolver.Opt{})
	return name, d.String(), config, err
}

// layout gives the layout that stands for an image.
func (r Request) layout(ref string) (string, bool) {
	for name, dir := range r.Layouts {
		if strings.TrimSuffix(name, ":latest") == strings.TrimSuffix(ref, ":latest") {
			return dir, true
		}
	}
	return "", false
}

// layoutBase reads the configuration of the image in a layout.
func layoutBase(dir string) (Base, error) {
	digest, err := LayoutDigest(dir)
	if err != nil {
		return Base{}, err
	}
	base := Base{Digest: digest}
	var m struct {
		ocispec.Manifest
		Manifests []ocispec.Descriptor `json:"manifests"`
	}
	for range 3 {
		text, err := blob(dir, digest)
		if err != nil {
			return base, err
		}
		m.Manifests = nil
		if err := json.Unmarshal(text, &m); err != nil {
			return base, fmt.Errorf("manifest %s: %w", digest, err)
		}
		if len(m.Manifests) == 0 {
			break
		}
		digest = m.Manifests[0].Digest.String()
	}
	text, err := blob(dir, m.Config.Digest.String())
	if err != nil {
		return base, err
	}
	return base, json.Unmarshal(text, &base.Config)
}

func blob(dir, digest string) ([]byte, error) {
	algorithm, hex, _ := strings.Cut(digest, ":")
	if strings.ContainsAny(hex, "/\\.") || hex == "" {
		return nil, fmt.Errorf("%q is no digest", digest)
	}
	return os.ReadFile(filepath.Join(dir, "blobs", algorithm, hex))
}

// A buildkitImage is an image inside a running build.
type buildkitImage struct {
	builder *BuildKit
	gateway gateway.Client
	ref     gateway.Reference
	config  image.Config
}

func (i *buildkitImage) Config() image.Config { return i.config }

func (i *buildkitImage) Start(ctx context.Context) (Container, error) {
	if i.builder.agent == "" {
		return nil, errors.New("nothing can be started without an agent")
	}
	base := filepath.Base(i.builder.agent)
	def, err := llb.Scratch().File(llb.Copy(llb.Local("agent", llb.IncludePatterns([]string{base}), llb.SharedKeyHint("drydock-agent")), "/"+base, "/drydock"),
		llb.WithCustomName("[internal] the agent")).Marshal(ctx)
	if err != nil {
		return nil, err
	}
	res, err := i.gateway.Solve(ctx, gateway.SolveRequest{Definition: def.ToPB(), Evaluate: true})
	if err != nil {
		return nil, fmt.Errorf("send the agent: %w", err)
	}
	program, err := res.SingleRef()
	if err != nil {
		return nil, err
	}
	c, err := i.gateway.NewContainer(ctx, gateway.NewContainerRequest{
		NetMode: pb.NetMode_NONE, Hostname: "drydock",
		Mounts: []gateway.Mount{
			{Dest: "/", MountType: pb.MountType_BIND, Ref: i.ref},
			{Dest: filepath.Dir(AgentPath), MountType: pb.MountType_BIND, Ref: program, Readonly: true},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("make a container: %w", err)
	}
	said := &Tail{Limit: 4096}
	hold, err := c.Start(ctx, gateway.StartRequest{
		Args: []string{AgentPath, "agent", "hold"}, User: "0", Cwd: "/", Env: []string{"PATH=/"}, Stdout: open{said}, Stderr: open{said},
	})
	if err != nil {
		_ = c.Release(context.WithoutCancel(ctx))
		return nil, fmt.Errorf("start a container: %w", err)
	}
	held := &buildkitContainer{container: c}
	held.ended = make(chan struct{})
	go func() {
		err := hold.Wait()
		held.fault = fmt.Errorf("the container ended: %v: %s", err, said)
		close(held.ended)
	}()
	return held, nil
}

type buildkitContainer struct {
	container gateway.Container
	ended     chan struct{} // closed when process 1 has ended
	fault     error         // why it has
}

func (c *buildkitContainer) Exec(ctx context.Context, p Process) (ended agent.Ended, err error) {
	p.Args = append([]string{AgentPath, "agent", "run"}, p.Args...)
	var result firstBytes
	if err := c.run(ctx, p, &result); err != nil {
		return ended, fmt.Errorf("%w %s", err, Clean(result.String(), 500))
	}
	return ended, result.decode(&ended)
}

func (c *buildkitContainer) Agent(ctx context.Context, answer any, args ...string) error {
	var out, said firstBytes
	p := Process{Args: append([]string{AgentPath, "agent"}, args...), Env: []string{"PATH=/"}, User: "0", Dir: "/", Out: &out}
	if err := c.run(ctx, p, &said); err != nil {
		return fmt.Errorf("the agent: %w: %s", err, Clean(said.String(), 500))
	}
	return out.decode(answer)
}

// run runs a process that must succeed: the first that fails ends the container.
func (c *buildkitContainer) run(ctx context.Context, p Process, errout io.Writer) error {
	out := p.Out
	if out == nil {
		out = io.Discard
	}
	process, err := c.container.Start(ctx, gateway.StartRequest{
		Args: p.Args, Env: p.Env, User: p.User, Cwd: p.Dir, Stdout: open{out}, Stderr: open{errout},
	})
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- process.Wait() }()
	select {
	case err = <-done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err == nil {
		return nil
	}
	select {
	case <-c.ended:
		return fmt.Errorf("%w: %w", err, c.fault)
	case <-time.After(100 * time.Millisecond):
		return err
	}
}

// firstBytes keeps the beginning of what is written to it.
type firstBytes struct{ bytes.Buffer }

// maxAnswer bounds what is read of an agent, in bytes.
const maxAnswer = 1 << 20

func (f *firstBytes) Write(b []byte) (int, error) {
	if room := maxAnswer - f.Len(); room > 0 {
		f.Buffer.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

// decode reads the agent's answer. It comes out of the container, and may be
// anything.
func (f *firstBytes) decode(answer any) error {
	if err := json.Unmarshal(f.Bytes(), answer); err != nil {
		return fmt.Errorf("the agent says %q: %w", Clean(f.String(), 300), err)
	}
	return nil
}

func (c *buildkitContainer) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = c.container.Release(ctx)
}

// open is a writer that is not to be closed.
type open struct{ io.Writer }

func (open) Close() error { return nil }
