// Package builder builds Dockerfiles and starts what they make: with BuildKit, at
// an address or inside Docker, or else with podman. buildah builds, and starts nothing.
//
// Invariants: nothing of a repository runs outside the builder; a container has no
// network but its own loopback; a context is sent without what .dockerignore
// leaves out, whatever the builder or a frontend asks for; and what is started
// ends with the call that started it.
package builder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/drydock-dev/drydock/internal/verify/agent"
	"github.com/drydock-dev/drydock/internal/verify/image"
)

// A Request is what to build.
type Request struct {
	Dockerfile string // the text
	Context    string // a folder; "" for an empty context
	// Ignore are the patterns that keep files out of the context; IgnoreFile is
	// the text that they come from, for builders that read it themselves.
	Ignore     []string
	IgnoreFile string
	// Edited is a file of the context to which Edit is added on its way to the
	// builder, "" for none.
	Edited, Edit string

	Target, Platform string
	Args             map[string]string
	Secrets          []string          // as docker build --secret takes them
	SSH              []string          // as docker build --ssh takes them
	Layouts          map[string]string // OCI image layouts (folders) by the image that they stand for
}

// A Builder builds images.
type Builder interface {
	// Name is for people: "BuildKit at unix:///run/buildkit/buildkitd.sock".
	Name() string
	// Build builds. The error is a *Failure where the Dockerfile does not build.
	// If use is not nil it is called with the image, and the image's files are
	// read after it.
	Build(ctx context.Context, r Request, use func(context.Context, Image) error) (*Result, error)
	// Bases gives the configuration of base images, by reference. One that it
	// cannot find is left out.
	Bases(ctx context.Context, r Request, refs []string) (map[string]Base, error)
	Close() error
}

// A Base is what is known of an image that others are built on.
type Base struct {
	Digest string
	Config image.Config
}

// A Result is a build that worked.
type Result struct {
	Image *image.Image // nil if the files were not asked for
	Steps []Step       // those of the Dockerfile, without what the builder does besides
	Took  time.Duration
}

// A Step is an instruction that the builder ran.
type Step struct {
	Name   string `json:"name"`
	Cached bool   `json:"cached"`
}

// An Image is a built image that can be started, as long as Build's callback runs.
type Image interface {
	Config() image.Config
	// Start makes a container and runs what Hold says in it, as root. The error is an
	// *UnstartedError if the builder starts nothing.
	Start(ctx context.Context) (Container, error)
}

// AgentPath is where the agent lies in a container.
const AgentPath = "/.drydock/drydock"

// A Container is one that runs.
type Container interface {
	// Exec runs a process to its end and tells how it ended. If ctx ends first, the
	// process goes on until Close. An error means that the container is no more.
	Exec(ctx context.Context, p Process) (agent.Ended, error)
	// Agent runs a command of the agent as root, and reads its answer.
	Agent(ctx context.Context, answer any, args ...string) error
	Close()
}

// A Process is what to run in a container.
type Process struct {
	Args      []string
	Env       []string
	User, Dir string
	Out       io.Writer // standard output and standard error; nil drops them
}

// A Failure is a Dockerfile that does not build.
type Failure struct {
	Message string   // the builder's, of one line
	Lines   []string // the last that the failed step wrote
	Step    string   // its name
}

func (f *Failure) Error() string { return f.Message }

// A NoneError says that no builder was found, and where it was looked for.
type NoneError struct{ Tried []string }

func (e *NoneError) Error() string {
	text := "no builder is here: start BuildKit or Docker, install podman or buildah, or name a BuildKit with --builder or BUILDKIT_HOST"
	for _, t := range e.Tried {
		text += "\n  " + t
	}
	return text
}

// timeout gives the reason for which a build was ended, err if nobody ended it.
func timeout(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		if errors.Is(cause, context.DeadlineExceeded) {
			return fmt.Errorf("the build took too long: %w", cause)
		}
		return cause
	}
	return err
}
