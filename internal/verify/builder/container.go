package builder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/moby/buildkit/client/llb"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"

	"github.com/drydock-dev/drydock/internal/verify/agent"
	"github.com/drydock-dev/drydock/internal/verify/image"
)

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

func (c *buildkitContainer) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = c.container.Release(ctx)
}
