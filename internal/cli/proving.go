package cli

import (
	"context"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/report"
	"github.com/drydock-dev/drydock/internal/verify"
	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// Proving are the flags of what builds and starts images: verify, and diff and
// fix with --verify.
type Proving struct {
	Builder            string
	Layouts, Args      []string
	Target, Platform   string
	Secrets, SSH       []string
	Smoke              string
	Accept             []string
	Timeout, Start     time.Duration
	Progress           string
	NoCache, NoRebuild bool
	BuildEvidence      bool
	Agent              string
	accepted           []verify.Accepted
	layouts, args      map[string]string
	connected          builder.Builder
	mu                 sync.Mutex // held while a file is verified
}

// addTo defines the flags. What they are for is said once, by verify's page.
func (p *Proving) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&p.Builder, "builder", "", "the `address` of a BuildKit, or docker, podman or buildah (default: BUILDKIT_HOST, else what is found)")
	flags.StringArrayVar(&p.Layouts, "image-layout", nil, "`NAME=DIR`: the OCI image layout in DIR stands for the image NAME")
	flags.StringArrayVar(&p.Args, "build-arg", nil, "`NAME=VALUE` of a build argument")
	flags.StringVar(&p.Target, "target", "", "build this `stage`")
	flags.StringVar(&p.Platform, "platform", "", "build for this `platform`: linux/amd64")
	flags.StringArrayVar(&p.Secrets, "secret", nil, "`id=NAME[,src=FILE]`: a secret for the build")
	flags.StringArrayVar(&p.SSH, "ssh", nil, "`default|ID[=SOCKET]`: an SSH agent for the build")
	flags.StringVar(&p.Smoke, "smoke", "", "a `command` that must succeed in the started container")
	flags.StringArrayVar(&p.Accept, "accept", nil, "`CHECK[:PATTERN]`: a difference to accept, as files:/src/**")
	flags.DurationVar(&p.Timeout, "timeout", time.Hour, "the `time` that verifying one file may take")
	flags.DurationVar(&p.Start, "start-timeout", time.Minute, "the `time` for a started image to listen on its ports")
	flags.BoolVar(&p.BuildEvidence, "build-evidence", false, "build the file as it is first, and let multistage read off which libraries it needs")
	addEnum(cmd, &p.Progress, "progress", "auto", "`how` the builds are shown", "auto", "plain", "tty", "quiet")
	flags.BoolVar(&p.NoCache, "no-verify-cache", false, "verify again what was verified before")
	flags.StringVar(&p.Agent, "agent", "", "a static drydock for Linux, to look at containers from inside (default: this `program`)")
}

// addAside defines the flags of a command that verifies if it is told to. Those
// of the builds are hidden: verify's page has them.
func (p *Proving) addAside(cmd *cobra.Command, on *bool) {
	cmd.Flags().BoolVar(on, "verify", false, "build before and after, and take back what fails; see drydock verify")
	p.addHidden(cmd)
}

// addHidden defines the flags without showing them.
func (p *Proving) addHidden(cmd *cobra.Command) {
	known := map[string]bool{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
	p.addTo(cmd)
	p.NoRebuild = true
	cmd.Flags().VisitAll(func(f *pflag.Flag) { f.Hidden = f.Hidden || !known[f.Name] })
}

// verifies makes a sweep verify.
func (p *Proving) verifies(ctx context.Context, o *Options, s *sweep) error {
	if err := p.validate(); err != nil {
		return err
	}
	if o.Quiet {
		p.Progress = "quiet"
	}
	if err := p.connect(ctx, o.IO); err != nil {
		return err
	}
	s.proving = p
	if s.proved == nil {
		s.proved = func(*verify.Report) {}
	}
	return nil
}

func (p *Proving) validate() error {
	var err error
	if p.layouts, err = pairs("--image-layout", p.Layouts); err != nil {
		return err
	}
	for name, dir := range p.layouts {
		if _, err := builder.LayoutDigest(dir); err != nil {
			return usagef("--image-layout %s: %s is no OCI image layout: %v", name, dir, err)
		}
	}
	p.args = map[string]string{}
	for _, text := range p.Args {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			value = os.Getenv(name) // as docker build has it
		}
		p.args[name] = value
	}
	for _, text := range p.Accept {
		a, err := verify.ParseAccepted(text)
		if err != nil {
			return usagef("--accept: %v", err)
		}
		p.accepted = append(p.accepted, a)
	}
	return nil
}

func pairs(flag string, texts []string) (map[string]string, error) {
	all := map[string]string{}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" || value == "" {
			return nil, usagef("%s takes NAME=VALUE, not %q", flag, text)
		}
		all[name] = value
	}
	return all, nil
}

// connect finds the builder.
func (p *Proving) connect(ctx context.Context, streams Streams) (err error) {
	agent := p.Agent
	if agent == "" {
		if agent, err = os.Executable(); err != nil {
			return err
		}
	}
	progress := builder.Progress{W: streams.Err, Mode: p.Progress}
	if p.Progress == "quiet" {
		progress.W = io.Discard
	}
	// A missing builder is said before a program that cannot be the agent: it takes
	// more to mend.
	p.connected, err = builder.Find(ctx, builder.Options{Address: p.Builder, Getenv: streams.Getenv, Progress: progress, Agent: agent})
	if err != nil {
		return err
	}
	if why := notAgent(agent); why != "" {
		p.close()
		return fmt.Errorf("%s cannot look at containers from inside: %s; a drydock built with GOOS=linux CGO_ENABLED=0 can, and --agent names it", agent, why)
	}
	return nil
}

// notAgent says why a program does not run in every Linux container, "" if it does.
func notAgent(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return cause(err)
	}
	defer f.Close()
	program, err := elf.NewFile(f)
	if err != nil {
		return "it is no program for Linux"
	}
	for _, p := range program.Progs {
		if p.Type == elf.PT_INTERP {
			return "it needs the system's libraries"
		}
	}
	return ""
}

func (p *Proving) close() {
	if p.connected != nil {
		p.connected.Close()
	}
}

// verifier makes the verifier of one Dockerfile.
func (p *Proving) verifier(around engine.Surroundings) (*verify.Verifier, error) {
	o := verify.Options{
		Builder: p.connected, Targets: around.Build.Targets, Smoke: p.Smoke, Start: p.Start, Accept: p.accepted, Rebuild: !p.NoRebuild,
		Request: builder.Request{
			Target: p.Target, Platform: p.Platform, Args: p.args, Secrets: p.Secrets, SSH: p.SSH, Layouts: p.layouts,
		},
	}
	if around.Context != nil {
		dir, err := filepath.Abs(filepath.FromSlash(around.Dir))
		if err != nil {
			return nil, err
		}
		o.Request.Context, o.Request.Ignore = dir, around.Context.IgnorePatterns()
	}
	if !p.NoCache {
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("keep results: %w", err)
		}
		o.Cache = &verify.Cache{Dir: filepath.Join(dir, "drydock", "verify"), Version: builtFrom()}
	}
	return verify.New(o), nil
}

// prove verifies a rewrite and takes back the fixes that fail. run rewrites the
// text without some fixes.
func (p *Proving) prove(ctx context.Context, text string, around engine.Surroundings, run verify.Rewriter) (done engine.Result, proof *verify.Report, err error) {
	err = p.limited(ctx, around, func(ctx context.Context, v *verify.Verifier) error {
		done, proof, err = v.Prove(ctx, text, run)
		return err
	})
	return done, proof, err
}

// evidence builds a text as it is for what the fixers can learn from it; nil if it
// is not asked for.
func (p *Proving) evidence(ctx context.Context, text string, around engine.Surroundings) (e *fix.Evidence, err error) {
	if !p.BuildEvidence {
		return nil, nil
	}
	err = p.limited(ctx, around, func(ctx context.Context, v *verify.Verifier) error {
		e, err = v.Evidence(ctx, text)
		return err
	})
	return e, err
}

// compare verifies a rewrite by hand.
func (p *Proving) compare(ctx context.Context, before, after string, around engine.Surroundings) (proof *verify.Report, err error) {
	err = p.limited(ctx, around, func(ctx context.Context, v *verify.Verifier) error {
		proof, err = v.Verify(ctx, verify.Rewrite{Before: before, After: after, ByHand: true})
		return err
	})
	return proof, err
}

// limited gives do the time that one file may take, and one file at a time: builds
// use the whole machine, and their progress the whole terminal.
func (p *Proving) limited(ctx context.Context, around engine.Surroundings, do func(context.Context, *verify.Verifier) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, err := p.verifier(around)
	if err != nil {
		return err
	}
	limit, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	err = do(limit, v)
	if err != nil && limit.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("verifying took longer than --timeout %s", p.Timeout)
	}
	return err
}

// takenBack prints to standard error the fixes that failed when built, with what
// the builder or the program said.
func (p *printer) takenBack(r result) error {
	if r.proof == nil || p.options.Quiet {
		return nil
	}
	for _, b := range r.proof.RolledBack {
		message := fmt.Sprintf("taken back: %s: %s: %s", b.Fixer, b.Message, b.Reason)
		if err := p.aside.WriteError(p.err, r.Path, report.Error{Line: max(b.Line, 1), Column: 1, Message: message}); err != nil {
			return err
		}
		for _, line := range b.Lines {
			if _, err := fmt.Fprintf(p.err, "  | %s\n", line); err != nil {
				return err
			}
		}
	}
	return nil
}

// unproven makes r the result of a file of which nothing can be claimed.
func (r result) unproven() result {
	proof := r.proof
	r = r.ends(report.Failed, fmt.Sprintf("not proven: %s: %s", proof.Unproven, proof.Failure.Message))
	r.Proof, r.proof = proof, proof
	return r
}
