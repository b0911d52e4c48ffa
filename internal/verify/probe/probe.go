// Package probe starts a built image, in a container without network, and sees
// what becomes of it: what it imports, whether it stays up, what it answers, and
// what it writes.
package probe

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/verify/agent"
	"github.com/drydock-dev/drydock/internal/verify/builder"
	"github.com/drydock-dev/drydock/internal/verify/image"
)

// Options say what to look at.
type Options struct {
	// Ports are waited for beside those that the image exposes.
	Ports []int
	// Limit bounds the wait for the ports; Settle is how long the command is
	// watched at least.
	Limit, Settle time.Duration
	Smoke         string // a command to run in the container that must succeed; "" for none
	// Modules are what to import, by language. nil asks the image for what is
	// installed at its user's own request.
	Modules map[string][]string
}

// A Result is what was seen.
type Result struct {
	Command  []string   `json:"command"` // nil if the image has none
	Up       bool       `json:"up"`      // it still ran at the end
	ExitCode int        `json:"exit_code,omitempty"`
	Fault    string     `json:"fault,omitempty"` // why it could not be started at all
	Output   string     `json:"output,omitempty"`
	Seen     agent.Seen `json:"seen"`
	Health   *Check     `json:"health,omitempty"` // nil without HEALTHCHECK
	Smoke    *Check     `json:"smoke,omitempty"`
	Written  []string   `json:"written,omitempty"` // files that the command wrote, outside of temporary folders
	Imports  []Import   `json:"imports,omitempty"`
}

// A Check is a command that ran in the container.
type Check struct {
	OK     bool   `json:"ok"`
	Output string `json:"output,omitempty"`
}

// maxOutput bounds what is kept of a process's output, in bytes.
const maxOutput = 8 << 10

// Run looks at an image. The error is about the builder, not about the image.
func Run(ctx context.Context, img builder.Image, o Options) (*Result, error) {
	c, err := img.Start(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	p := &probe{container: c, config: img.Config(), options: o}
	r := &Result{Command: slices.Concat(p.config.Config.Entrypoint, p.config.Config.Cmd)}
	if r.Imports, err = p.imports(ctx); err != nil {
		return nil, err
	}
	if len(r.Command) == 0 {
		return r, nil
	}
	return r, p.start(ctx, r)
}

type probe struct {
	container builder.Container
	config    image.Config
	options   Options
}

// process is one with the image's own environment, user and folder.
func (p *probe) process(args []string) builder.Process {
	c := p.config.Config
	dir := c.WorkingDir
	if dir == "" {
		dir = "/"
	}
	return builder.Process{Args: args, Env: c.Env, User: c.User, Dir: dir}
}

// maxText bounds what is read of a language's answer, in bytes.
const maxText = 1 << 20

// start runs the image's command and looks at it.
func (p *probe) start(ctx context.Context, r *Result) error {
	var since int64
	if err := p.container.Agent(ctx, &since, "now"); err != nil {
		return err
	}
	running, cancel := context.WithCancel(ctx)
	out := &builder.Tail{Limit: maxOutput}
	type end struct {
		agent.Ended
		err error
	}
	ended := make(chan end, 1)
	go func() {
		process := p.process(r.Command)
		process.Out = out
		e, err := p.container.Exec(running, process)
		ended <- end{e, err}
	}()
	defer cancel()
	var result *end
	watch := agent.Watched{Ports: p.ports(), Limit: p.options.Limit, Settle: p.options.Settle}
	watched := make(chan error, 1)
	looking, leave := context.WithCancel(ctx)
	defer leave()
	go func() { watched <- p.container.Agent(looking, &r.Seen, watch.Args()...) }()
	select {
	case e := <-ended:
		result = &e
		if e.err != nil { // the container cannot run it, and is no more
			r.Fault, r.ExitCode = builder.Clean(e.err.Error(), 500), 127
			return ctx.Err()
		}
		// With its command a container ends, whatever else was started.
		leave()
		<-watched
		r.Seen = agent.Seen{}
	case err := <-watched:
		if err != nil {
			return err
		}
		select {
		case e := <-ended:
			result = &e
		default:
			r.Up = true
		}
	}
	for i := range r.Seen.Answers {
		r.Seen.Answers[i].Body = builder.Clean(r.Seen.Answers[i].Body, 200)
	}
	if err := p.checks(ctx, r); err != nil {
		return err
	}
	if result == nil && ails(r) {
		// A server whose worker has failed gives up a moment later.
		select {
		case e := <-ended:
			result, r.Up = &e, false
		case <-time.After(grace):
		}
	}
	if err := p.container.Agent(ctx, &r.Written, "written", strconv.FormatInt(since, 10)); err != nil {
		return err
	}
	if result != nil {
		r.ExitCode, r.Fault = result.Code, builder.Clean(result.Fault, 500)
	}
	r.Output = strings.TrimSpace(out.String())
	return ctx.Err()
}

// grace is how long a command that ails is given to end.
const grace = 3 * time.Second

// ails reports whether a command that runs does not do its work.
func ails(r *Result) bool {
	return r.Health != nil && !r.Health.OK || slices.ContainsFunc(r.Seen.Answers, func(a agent.Answer) bool { return a.Status == 0 })
}

// ports are the TCP ports to wait for.
func (p *probe) ports() []int {
	ports := slices.Clone(p.options.Ports)
	for name := range p.config.Config.ExposedPorts {
		number, protocol, _ := strings.Cut(name, "/")
		if n, err := strconv.Atoi(number); err == nil && (protocol == "" || protocol == "tcp") {
			ports = append(ports, n)
		}
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// checks runs HEALTHCHECK and the user's own command.
func (p *probe) checks(ctx context.Context, r *Result) error {
	if args := p.healthcheck(); args != nil && r.Up {
		check, err := p.try(ctx, args, 3)
		if err != nil {
			return err
		}
		r.Health = check
	}
	if p.options.Smoke == "" {
		return nil
	}
	check, err := p.try(ctx, []string{"/bin/sh", "-c", p.options.Smoke}, 1)
	if err == nil && !check.OK && strings.Contains(check.Output, "/bin/sh: no such file") {
		// An image without a shell.
		check, err = p.try(ctx, strings.Fields(p.options.Smoke), 1)
	}
	r.Smoke = check
	return err
}

func (p *probe) healthcheck() []string {
	h := p.config.Config.Healthcheck
	if h == nil || len(h.Test) < 2 {
		return nil
	}
	switch h.Test[0] {
	case "CMD":
		return h.Test[1:]
	case "CMD-SHELL":
		shell := p.config.Config.Shell
		if len(shell) == 0 {
			shell = []string{"/bin/sh", "-c"}
		}
		return append(slices.Clone(shell), h.Test[1])
	}
	return nil
}

// try runs a command until it succeeds, at most a number of times, a second
// apart.
func (p *probe) try(ctx context.Context, args []string, times int) (*Check, error) {
	var check *Check
	for i := range times {
		if i > 0 {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Second):
			}
		}
		limit, cancel := context.WithTimeout(ctx, 30*time.Second)
		out := &builder.Tail{Limit: maxOutput}
		process := p.process(args)
		process.Out = out
		ended, err := p.container.Exec(limit, process)
		timeout := limit.Err() != nil && ctx.Err() == nil
		cancel()
		switch {
		case timeout:
			return &Check{Output: "it takes more than 30 s"}, nil
		case err != nil:
			return nil, err
		}
		check = &Check{OK: ended.Code == 0, Output: strings.TrimSpace(out.String())}
		if ended.Fault != "" {
			check.Output = builder.Clean(ended.Fault, 500)
		}
		if check.OK {
			break
		}
	}
	return check, nil
}
