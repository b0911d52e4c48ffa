package contract

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A built is an image as BuildKit would make it, as far as that is known without
// its base.
type built struct {
	config   dockerspec.DockerOCIImageConfig
	author   string
	warnings []string // of BuildKit's checks, as "Rule: message"
	err      error    // why BuildKit does not get that far

	state   llb.State
	read    *graph // see graph
	readErr error
}

// A buildKey names a build of a file.
type buildKey struct {
	target   string // "" for the last stage
	platform string
	online   bool // images were asked
}

// maxStates bounds the instructions of a file times its variables: BuildKit goes
// through all variables at every instruction, and through the instructions before it
// some sixteen times as fast. It is far above what people write.
const maxStates = 1 << 20

var errTooLarge = errors.New("the file has too many instructions and variables")

// isTooLarge reports whether BuildKit would take more than about a second.
func (r *Reading) isTooLarge() bool {
	variables := 0
	for _, inst := range r.file.Instructions {
		if inst.Name == "ENV" || inst.Name == "ARG" {
			variables += len(inst.Pairs())
		}
	}
	n := len(r.file.Instructions)
	return (variables+n/16)*n > maxStates
}

// build has BuildKit turn the file into the build of a stage, for a platform.
// Nothing is run, and nothing is fetched but configurations of images, by those that
// images knows; nil asks no one. It is done once.
func (r *Reading) build(target string, platform ocispecs.Platform, images Images) *built {
	key := buildKey{target, platforms.Format(platform), images != nil}
	if b := r.builds[key]; b != nil {
		return b
	}
	b := &built{err: errTooLarge}
	if r.builds == nil {
		r.builds = map[buildKey]*built{}
	}
	r.builds[key] = b
	if !r.isTooLarge() {
		b.make(builtText(r.file), target, platform, images)
	}
	return b
}

// make has BuildKit make the image of a text.
func (b *built) make(text, target string, platform ocispecs.Platform, images Images) {
	var result *dockerfile2llb.Result
	result, b.err = dockerfile2llb.Dockerfile2LLB(context.Background(), []byte(text), dockerfile2llb.ConvertOpt{
		MetaResolver:   standIns{images},
		LLBCaps:        capabilities(),
		SourceMap:      llb.NewSourceMap(nil, "Dockerfile", "", nil),
		TargetPlatform: &platform,
		Config:         dockerui.Config{Target: target, BuildPlatforms: []ocispecs.Platform{linux}},
		Warn: func(rule, _, _, message string, _ []parser.Range) {
			b.warnings = append(b.warnings, rule+": "+message)
		},
	})
	if b.err == nil {
		b.config, b.author, b.state = result.Image.Config, result.Image.Author, result.State
	}
}

// builtText is a file that BuildKit builds like the one that was read, line by line, with
// names for the commands of RUNs: it reads a long script letter by letter, twice.
func builtText(file *syntax.File) string {
	var b strings.Builder
	at := 0
	for _, inst := range file.Instructions {
		ahead, any := beforeCommand(inst)
		lines := inst.FullLines()
		if rest := file.Text[lines.Start+len(ahead) : lines.End]; any && len(rest) > nameLength && !hasEmptyLine(rest) {
			b.WriteString(file.Text[at:lines.Start])
			b.WriteString(ahead)
			b.WriteString(digest.FromString(inst.Args.Text).Encoded()[:nameLength])
			b.WriteString(strings.Repeat("\n", strings.Count(rest, "\n")))
			at = lines.End
		}
	}
	b.WriteString(file.Text[at:])
	return b.String()
}

// nameLength is that of what stands for a command in builtText.
const nameLength = 32

// hasEmptyLine reports whether a command goes on behind an empty line, of which BuildKit
// warns.
func hasEmptyLine(command string) bool {
	for line := range strings.Lines(command) {
		if strings.TrimSpace(line) == "" {
			return true
		}
	}
	return false
}

// sameImages reports whether two files differ in the bodies of RUNs alone. Those
// say nothing of an image's configuration, and BuildKit checks nothing in them, so
// it need not be asked: four in five rewrites are of this kind.
func sameImages(a, b *syntax.File) bool {
	rest := outsideRuns(b)
	for _, inst := range outsideRuns(a) {
		if len(rest) == 0 || inst.Text() != rest[0].Text() {
			return false
		}
		rest = rest[1:]
	}
	flags := map[string]bool{"": true}
	for _, inst := range a.Instructions {
		flags[flagText(inst)] = true
	}
	return len(rest) == 0 && !slices.ContainsFunc(b.Instructions, func(inst *syntax.Instruction) bool {
		return !flags[flagText(inst)]
	})
}

func outsideRuns(f *syntax.File) []*syntax.Instruction {
	return slices.DeleteFunc(slices.Clone(f.Instructions), func(inst *syntax.Instruction) bool { return inst.Name == "RUN" })
}

// flagText is the flags of an instruction as they are written.
func flagText(inst *syntax.Instruction) string {
	var all strings.Builder
	for _, f := range inst.Flags {
		all.WriteString(inst.File().Slice(f.Span) + " ")
	}
	return all.String()
}

var linux = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

var capabilities = sync.OnceValue(func() *apicaps.CapSet {
	set := pb.Caps.CapSet(pb.Caps.All())
	return &set
})

// standIns stand for the base images. Their configuration is what package facts
// knows, the usual PATH, and a CMD by which a file that has none of its own shows
// that its image runs something else. Images of one repository are taken to have the
// same. The ENTRYPOINT of a known image is left out: those of language images pass the
// command on. One that no table knows may have any; its variables are taken for the same,
// as multistage's own tables tell what runs there.
type standIns struct {
	images Images // what is known better; nil for nothing
}

func (s standIns) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	platform := linux
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		platform = *opt.ImageOpt.Platform
	}
	if s.images != nil {
		if text := s.images(ref, platform); text != nil {
			return ref, "", text, nil
		}
	}
	repository := facts.ParseRef(ref).Repository
	config := ocispecs.ImageConfig{
		Env: []string{"PATH=" + standInPath},
		Cmd: []string{"the CMD of " + repository},
	}
	if account, ok := facts.DefaultUser(ref); ok {
		config.User = strconv.Itoa(account.UID)
	}
	if !facts.IsKnownImage(ref) && !facts.IsLanguageImage(ref) {
		config.Entrypoint = []string{"the ENTRYPOINT of " + repository}
	}
	for _, variable := range accountVariables(ref) {
		config.Env = append(config.Env, variable+"=the "+variable+" of "+repository)
	}
	text, err := json.Marshal(ocispecs.Image{
		Platform: platform,
		Config:   config,
		RootFS:   ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString(ref)}},
	})
	return ref, "", text, err
}

func accountVariables(ref string) []string {
	name, id := facts.AccountVariables(ref)
	return slices.DeleteFunc([]string{name, id}, func(v string) bool { return v == "" })
}

// standInPath is what BuildKit sets for an image without PATH
// (util/system/path.go).
const standInPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
