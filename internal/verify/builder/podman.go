package builder

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"github.com/drydock-dev/drydock/internal/verify/agent"
	"github.com/drydock-dev/drydock/internal/verify/image"
)

// podman is the program podman as a builder.
type podman struct{ tool }

func newPodman(program string, o Options) *podman {
	p := &podman{tool{name: "podman", program: program, pull: "--pull=missing", progress: o.Progress, agent: o.Agent}}
	p.dialect = p
	return p
}

// inspect gives an image's configuration. podman's own form has the parts of
// Docker's under other names.
func (p *podman) inspect(ctx context.Context, id string) (image.Config, error) {
	var config image.Config
	out, err := p.run(ctx, "image", "inspect", id)
	if err != nil {
		return config, err
	}
	var all []struct{ Config json.RawMessage }
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) == 0 {
		return config, fmt.Errorf("podman image inspect: %w", errors.Join(err, errors.New("no image")))
	}
	if err := json.Unmarshal(all[0].Config, &config.Config); err != nil {
		return config, fmt.Errorf("podman image inspect: %w", err)
	}
	return config, nil
}

func (p *podman) files(ctx context.Context, id, _ string) (*image.Image, error) {
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
	i, err := image.ReadArchive(out, &p.known)
	if e := cmd.Wait(); e != nil {
		err = errors.Join(err, fmt.Errorf("podman save: %w: %s", e, Clean(said.String(), 500)))
	}
	return i, err
}

func (p *podman) digest(ctx context.Context, ref string) (string, error) {
	return p.run(ctx, "image", "inspect", "--format", "{{.Digest}}", ref)
}

func (p *podman) built(id string, config image.Config) Image {
	return &podmanImage{podman: p, id: id, config: config}
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
