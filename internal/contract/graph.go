package contract

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// A graph is what the build of an image reads, copies and runs, as BuildKit has it:
// what does not reach the image is not in it. Its order is left out, as fixes split
// stages and join RUNs; package order holds that.
type graph struct {
	digest digest.Digest // of the whole: two that are the same build the same
	images map[string]bool
	copies []copied
	runs   map[int]*surroundings // by the line of the RUN
}

// A copied is a copy to a place in a stage.
type copied struct {
	origin  string // "context", an address, or "a stage"
	source  string // in its origin
	dest    string // absolute
	owner   string
	options string
}

// surroundings are what a RUN finds, but for the files.
type surroundings struct {
	user, dir string
	shell     string // "" in exec form
	options   string
	env       map[string]string
	mounts    []string // sorted
}

// graph gives the graph of a build that worked. It is read once.
func (b *built) graph(platform ocispecs.Platform) (*graph, error) {
	if b.read == nil {
		b.read, b.readErr = readGraph(b.state, platform)
	}
	return b.read, b.readErr
}

// readGraph reads the operations of a build. The context's identity, which BuildKit
// makes up for every build, is fixed, so that digests tell.
func readGraph(state llb.State, platform ocispecs.Platform) (*graph, error) {
	def, err := state.Marshal(context.Background(), llb.Platform(platform), llb.LocalUniqueID("context"))
	if err != nil {
		return nil, err
	}
	g := &graph{images: map[string]bool{}, runs: map[int]*surroundings{}}
	ops := make([]*pb.Op, len(def.Def))
	digests := make([]digest.Digest, len(def.Def))
	origins := map[string]string{} // of sources, by their digests
	for i, text := range def.Def {
		op := &pb.Op{}
		if err := op.UnmarshalVT(text); err != nil {
			return nil, fmt.Errorf("the build graph: %w", err)
		}
		ops[i], digests[i] = op, digest.FromBytes(text)
		if source := op.GetSource(); source != nil {
			origins[string(digests[i])] = g.source(source)
		}
	}
	origin := func(op *pb.Op, input int64) string {
		if input < 0 || int(input) >= len(op.Inputs) {
			return "here" // of the same instruction: a heredoc
		}
		if known, ok := origins[op.Inputs[input].Digest]; ok {
			return known
		}
		return "a stage"
	}
	for i, op := range ops {
		switch {
		case op.GetFile() != nil:
			for _, action := range op.GetFile().Actions {
				if c := action.GetCopy(); c != nil {
					g.copies = append(g.copies, copyOf(c, origin(op, action.SecondaryInput)))
				}
			}
		case op.GetExec() != nil:
			s := surroundingsOf(op.GetExec(), func(input int64) string { return origin(op, input) })
			for _, line := range lines(def.Source, digests[i]) {
				g.runs[line] = s
			}
		}
	}
	if n := len(digests); n > 0 {
		g.digest = digests[n-1]
	}
	return g, nil
}

// source notes what a build reads, and names it.
func (g *graph) source(s *pb.SourceOp) string {
	if _, local := strings.CutPrefix(s.Identifier, "local://"); local {
		return "context"
	}
	if image, ok := strings.CutPrefix(s.Identifier, "docker-image://"); ok {
		g.images[image] = true
	}
	return s.Identifier
}

// lines are where the instruction stands that an operation comes from; several if
// the file says the same twice.
func lines(source *pb.Source, d digest.Digest) []int {
	var all []int
	if source == nil || source.Locations[string(d)] == nil {
		return nil
	}
	for _, at := range source.Locations[string(d)].Locations {
		if len(at.Ranges) > 0 {
			all = append(all, int(at.Ranges[0].Start.Line))
		}
	}
	return all
}

func copyOf(c *pb.FileActionCopy, origin string) copied {
	// As cleanSource has it.
	source, dest := cleanSource(c.Src), c.Dest
	if source == "." {
		dest = path.Clean(dest)
	}
	options := fmt.Sprint(c.Mode, c.ModeStr, c.IncludePatterns, c.ExcludePatterns, c.AlwaysReplaceExistingDestPaths, c.RequiredPaths)
	if c.AttemptUnpackDockerCompatibility && isFetched(source) {
		options += " unpacked"
	}
	return copied{origin, source, dest, ownerOf(c.Owner), options}
}

func ownerOf(o *pb.ChownOpt) string {
	if o == nil {
		return ""
	}
	part := func(u *pb.UserOpt) string {
		if name := u.GetByName(); name != nil {
			return name.Name
		}
		return fmt.Sprint(u.GetByID())
	}
	if o.Group == nil {
		return part(o.User)
	}
	return part(o.User) + ":" + part(o.Group)
}

func surroundingsOf(e *pb.ExecOp, origin func(int64) string) *surroundings {
	m := e.Meta
	s := &surroundings{user: m.User, dir: m.Cwd, env: map[string]string{}}
	if s.user == "root" {
		s.user = "0" // as the stand-ins have it
	}
	if n := len(m.Args); n > 1 {
		s.shell = strings.Join(m.Args[:n-1], " ")
	}
	s.options = fmt.Sprint(e.Network, e.Security, m.ExtraHosts, m.Hostname, m.Ulimit, e.Secretenv, e.CdiDevices)
	for _, v := range m.Env {
		name, value, _ := strings.Cut(v, "=")
		s.env[name] = value
	}
	for _, m := range e.Mounts {
		if m.Dest == pb.RootMount {
			continue
		}
		text := fmt.Sprintf("%v at %s", m.MountType, m.Dest)
		switch {
		case m.CacheOpt != nil:
			text += fmt.Sprint(" of ", m.CacheOpt.ID, m.CacheOpt.Sharing)
		case m.SecretOpt != nil:
			text += " of " + m.SecretOpt.ID
		case m.SSHOpt != nil:
			text += " of " + m.SSHOpt.ID
		case m.TmpfsOpt == nil:
			text += fmt.Sprint(" of ", origin(m.Input), m.Selector, m.Readonly)
		}
		s.mounts = append(s.mounts, text)
	}
	slices.Sort(s.mounts)
	return s
}
