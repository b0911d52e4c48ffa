package builder

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/verify/agent"
	"github.com/drydock-dev/drydock/internal/verify/image"
)

// podman is the program podman as a builder. It does not tell which steps came
// out of its cache.
type podman struct {
	program  string
	progress Progress
	agent    string
}

func (p *podman) Name() string { return "podman" }

func (p *podman) Close() error { return nil }

func (p *podman) Build(ctx context.Context, r Request, use func(context.Context, Image) error) (*Result, error) {
	if r.Edited != "" {
		return nil, &Failure{Message: "podman is not asked for rebuilds"}
	}
	dir, err := os.MkdirTemp("", "drydock-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	args, err := p.buildArgs(ctx, r, dir)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	log := &Tail{Limit: maxLog}
	if err := p.enclosed(ctx, io.MultiWriter(log, p.shown()), args...); err != nil {
		if ctx.Err() != nil {
			return nil, timeout(ctx, err)
		}
		lines := lastLines(log.String(), 20)
		f := &Failure{Message: "podman: " + err.Error(), Lines: lines}
		if len(lines) > 0 {
			f.Message = oneLine(lines[len(lines)-1])
		}
		return nil, f
	}
	id, err := os.ReadFile(filepath.Join(dir, "id"))
	if err != nil {
		return nil, fmt.Errorf("podman build: %w", err)
	}
	result := &Result{Took: time.Since(start)}
	if use == nil {
		return result, nil
	}
	built := &podmanImage{podman: p, id: strings.TrimSpace(string(id))}
	if built.config, err = p.inspect(ctx, built.id); err != nil {
		return nil, err
	}
	if err := use(ctx, built); err != nil {
		return nil, err
	}
	result.Image, err = p.files(ctx, built.id)
	return result, err
}

// buildArgs writes what the build reads into dir and gives podman's arguments.
func (p *podman) buildArgs(ctx context.Context, r Request, dir string) ([]string, error) {
	files := map[string]string{"Dockerfile": r.Dockerfile, "ignore": strings.Join(r.Ignore, "\n") + "\n"}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	args := []string{
		"build", "--format", "docker", "--layers", "--pull=missing", "--iidfile", filepath.Join(dir, "id"),
		"--file", filepath.Join(dir, "Dockerfile"), "--ignorefile", filepath.Join(dir, "ignore"),
	}
	if r.Target != "" {
		args = append(args, "--target", r.Target)
	}
	if r.Platform != "" {
		args = append(args, "--platform", r.Platform)
	}
	for name, value := range r.Args {
		args = append(args, "--build-arg", name+"="+value)
	}
	for _, s := range r.Secrets {
		args = append(args, "--secret", s)
	}
	for _, s := range r.SSH {
		args = append(args, "--ssh", s)
	}
	for name, layout := range r.Layouts {
		if !strings.Contains(r.Dockerfile, name) {
			continue
		}
		id, err := p.run(ctx, "pull", "--quiet", "oci:"+layout)
		if err != nil {
			return nil, fmt.Errorf("--image-layout %s: %w", name, err)
		}
		args = append(args, "--build-context", name+"=container-image://"+strings.TrimSpace(id))
	}
	if r.Context != "" {
		return append(args, r.Context), nil
	}
	empty := filepath.Join(dir, "context")
	return append(args, empty), os.Mkdir(empty, 0o700)
}

func (p *podman) shown() io.Writer {
	if p.progress.W == nil || p.progress.Mode == "quiet" {
		return io.Discard
	}
	return &cleanWriter{p.progress.W}
}

// A cleanWriter strips terminal escapes. A sequence that is cut in two by the
// writes loses its first half only.
type cleanWriter struct{ w io.Writer }

func (c *cleanWriter) Write(b []byte) (int, error) {
	_, err := io.WriteString(c.w, Clean(string(b), maxLog))
	return len(b), err
}

// enclosed runs podman within the agent, which ends with it what it has started.
// Elsewhere than on Linux, podman only asks a machine that has Linux.
func (p *podman) enclosed(ctx context.Context, out io.Writer, args ...string) error {
	if p.agent == "" || runtime.GOOS != "linux" {
		cmd := exec.CommandContext(ctx, p.program, args...)
		cmd.Stdout, cmd.Stderr = out, out
		return cmd.Run()
	}
	var result firstBytes
	cmd := exec.CommandContext(ctx, p.agent, slices.Concat([]string{"agent", "enclose", p.program}, args)...)
	cmd.Stdout, cmd.Stderr = out, &result
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	cmd.Cancel, cmd.WaitDelay = lifeline.Close, time.Minute
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w %s", err, Clean(result.String(), 500))
	}
	var ended agent.Ended
	if err := result.decode(&ended); err != nil {
		return err
	}
	switch {
	case ended.Fault != "":
		return errors.New(ended.Fault)
	case ended.Code != 0:
		return fmt.Errorf("exit status %d", ended.Code)
	}
	return nil
}

// run runs podman and gives its standard output.
func (p *podman) run(ctx context.Context, args ...string) (string, error) {
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, p.program, args...)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("podman %s: %w: %s", args[0], err, Clean(said.String(), 500))
	}
	return out.String(), nil
}

// inspect gives an image's configuration. podman's own form has the parts of
// Docker's under other names.
func (p *podman) inspect(ctx context.Context, id string) (image.Config, error) {
	var config image.Config
	out, err := p.run(ctx, "image", "inspect", id)
	if err != nil {
		return config, err
	}
	var all []struct {
		Config json.RawMessage
		RootFS struct{ Layers []string }
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) == 0 {
		return config, fmt.Errorf("podman image inspect: %w", errors.Join(err, errors.New("no image")))
	}
	if err := json.Unmarshal(all[0].Config, &config.Config); err != nil {
		return config, fmt.Errorf("podman image inspect: %w", err)
	}
	return config, nil
}

// files reads the image's files.
func (p *podman) files(ctx context.Context, id string) (*image.Image, error) {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, p.program, "save", "--format", "oci-archive", id)
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	i, err := image.ReadArchive(out)
	if e := cmd.Wait(); e != nil {
		err = errors.Join(err, fmt.Errorf("podman save: %w: %s", e, Clean(said.String(), 500)))
	}
	return i, err
}

// Bases implements Builder. Only images that are here already are known.
func (p *podman) Bases(ctx context.Context, r Request, refs []string) (map[string]Base, error) {
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
		out, err := p.run(ctx, "image", "inspect", "--format", "{{.Digest}}", ref)
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

type podmanImage struct {
	podman *podman
	id     string
	config image.Config
}

func (i *podmanImage) Config() image.Config { return i.config }

// Start implements Image. A podman that ends half way through a start leaves a
// container that nobody knows: it has a name beforehand, and is not interrupted.
func (i *podmanImage) Start(ctx context.Context) (Container, error) {
	starting, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	c := &podmanContainer{podman: i.podman, name: "drydock-" + rand.Text()}
	_, err := i.podman.run(starting, "run", "--detach", "--rm", "--name", c.name, "--network", "none", "--user", "0", "--pull", "never", "--no-healthcheck",
		"--sysctl", "net.ipv4.ip_unprivileged_port_start=1024", "--entrypoint", AgentPath,
		"--volume", i.podman.agent+":"+AgentPath+":ro", i.id, "agent", "hold")
	if err = errors.Join(err, ctx.Err()); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

type podmanContainer struct {
	podman *podman
	name   string
}

func (c *podmanContainer) Exec(ctx context.Context, p Process) (ended agent.Ended, err error) {
	args := []string{"exec"}
	if p.User != "" {
		args = append(args, "--user", p.User)
	}
	if p.Dir != "" {
		args = append(args, "--workdir", p.Dir)
	}
	for _, e := range p.Env {
		args = append(args, "--env", e)
	}
	args = append(args, c.name, AgentPath, "agent", "run")
	var result firstBytes
	cmd := exec.CommandContext(ctx, c.podman.program, append(args, p.Args...)...)
	cmd.Stdout, cmd.Stderr = p.Out, &result
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return ended, fmt.Errorf("podman exec: %w: %s", err, Clean(result.String(), 500))
	}
	return ended, result.decode(&ended)
}

func (c *podmanContainer) Agent(ctx context.Context, answer any, args ...string) error {
	var out firstBytes
	text, err := c.podman.run(ctx, slices.Concat([]string{"exec", "--user", "0", c.name, AgentPath, "agent"}, args)...)
	if err != nil {
		return err
	}
	if _, err := out.Write([]byte(text)); err != nil {
		return err
	}
	return out.decode(answer)
}

func (c *podmanContainer) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, _ = c.podman.run(ctx, "rm", "--force", "--time", "0", c.name)
}
