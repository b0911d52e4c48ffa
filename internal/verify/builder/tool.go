package builder

import (
	"bytes"
	"context"
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

// A tool is podman or buildah, programs that build by themselves and have most of
// their options in common. They do not tell which steps came out of their cache.
type tool struct {
	name     string
	program  string
	pull     string // the option by which only images that are missing are fetched
	progress Progress
	agent    string
	known    image.Known
	dialect
}

// A dialect is what the tools do each in its own way.
type dialect interface {
	// inspect gives an image's configuration as Docker has it.
	inspect(ctx context.Context, ref string) (image.Config, error)
	// digest gives that of an image that is here.
	digest(ctx context.Context, ref string) (string, error)
	// files reads an image's files; dir is for temporary ones.
	files(ctx context.Context, id, dir string) (*image.Image, error)
	// built is an image that can be started, or that says why not.
	built(id string, config image.Config) Image
}

// Build implements Builder.
func (p *tool) Build(ctx context.Context, r Request, use func(context.Context, Image) error) (*Result, error) {
	dir, err := os.MkdirTemp("", "drydock-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	id, result, err := p.make(ctx, r, dir)
	if err != nil || use == nil {
		return result, err
	}
	config, err := p.inspect(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := use(ctx, p.built(id, config)); err != nil {
		return nil, err
	}
	result.Image, err = p.files(ctx, id, dir)
	return result, err
}

// Bases implements Builder. Only images that are here already are known.
func (p *tool) Bases(ctx context.Context, r Request, refs []string) (map[string]Base, error) {
	found := map[string]Base{}
	for _, ref := range refs {
		if dir, ok := r.layout(ref); ok {
			base, err := layoutBase(dir)
			if err != nil {
				return nil, fmt.Errorf("--image-layout %s: %w", ref, err)
			}
			found[ref] = base
			continue
		}
		digest, err := p.digest(ctx, ref)
		if err != nil {
			continue // the build itself will say so
		}
		config, err := p.inspect(ctx, ref)
		if err != nil {
			return nil, err
		}
		found[ref] = Base{Digest: strings.TrimSpace(digest), Config: config}
	}
	return found, nil
}

func (p *tool) Name() string { return p.name }

func (p *tool) Close() error { return nil }

// make builds, with the files that the build reads in dir, and gives the image's ID.
func (p *tool) make(ctx context.Context, r Request, dir string) (id string, result *Result, err error) {
	if r.Edited != "" {
		return "", nil, &Failure{Message: p.name + " is not asked for rebuilds"}
	}
	args, err := p.buildArgs(ctx, r, dir)
	if err != nil {
		return "", nil, err
	}
	start := time.Now()
	log := &Tail{Limit: maxLog}
	if err := p.enclosed(ctx, io.MultiWriter(log, p.shown()), args...); err != nil {
		if ctx.Err() != nil {
			return "", nil, timeout(ctx, err)
		}
		lines := lastLines(log.String(), 20)
		f := &Failure{Message: p.name + ": " + err.Error(), Lines: lines}
		if len(lines) > 0 {
			f.Message = oneLine(lines[len(lines)-1])
		}
		return "", nil, f
	}
	text, err := os.ReadFile(filepath.Join(dir, "id"))
	if err != nil {
		return "", nil, fmt.Errorf("%s build: %w", p.name, err)
	}
	return strings.TrimSpace(string(text)), &Result{Took: time.Since(start)}, nil
}

// buildArgs writes what the build reads into dir and gives the tool's arguments.
func (p *tool) buildArgs(ctx context.Context, r Request, dir string) ([]string, error) {
	files := map[string]string{"Dockerfile": r.Dockerfile, "ignore": strings.Join(r.Ignore, "\n") + "\n"}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	args := []string{
		"build", "--format", "docker", "--layers", p.pull, "--iidfile", filepath.Join(dir, "id"),
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

func (p *tool) shown() io.Writer {
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

// enclosed runs the tool within the agent, which ends with it what it has started.
// Elsewhere than on Linux, podman only asks a machine that has Linux.
func (p *tool) enclosed(ctx context.Context, out io.Writer, args ...string) error {
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

// run runs the tool and gives its standard output.
func (p *tool) run(ctx context.Context, args ...string) (string, error) {
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, p.program, args...)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", p.name, args[0], err, Clean(said.String(), 500))
	}
	return out.String(), nil
}
