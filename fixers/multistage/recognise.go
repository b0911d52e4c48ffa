package multistage

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

// A profile is what the split must know of one ecosystem.
type profile struct {
	name       string // of the ecosystem, as messages say it
	repository string // of its official image
	// managers are the package managers whose installs end up in the tree.
	managers map[string]bool
	// tree says where dependencies go, or why that cannot be told.
	tree func(*plan) (tree, string)
	// need is what a package of the ecosystem wants of the system.
	need func(name string) (facts.NativeNeed, bool)
	// needs, where it is set, adds what the running image needs in place of need.
	needs func(*plan) string
	// starts is how its source starts programs; nil where that is read with the rest of
	// what a build reads, or where both stages have the same programs.
	starts *startsPrograms
	// builds reports whether a command builds from the source, and adds to the
	// effect what it leaves; nil where the application runs from its source.
	builds func(*plan, *place, *effects.Effect) (bool, string)
	// place, where it is set, places a RUN of a kind of its own.
	place func(*plan, *place) (done bool, declined string)
	// anyEnv: its builds may read any variable.
	anyEnv bool
	// buildTools are packages that only its builds call, unless the source does.
	buildTools []string
	// buildSystems are packages that only its builds call, whatever the source does.
	buildSystems []string
	// buildEnv are the variables that only its builds read; what ends in _ is the
	// beginning of several.
	buildEnv []string
	// toolchain are the folders of the compiler, which its run time lacks.
	toolchain []string
	// has are packages of Alpine's that its images bring, or that its programs do not
	// load where the compiler's other libraries do not.
	has []string
	// root: its images, of which no table knows the account, run as root.
	root bool
	// anyDistro: what it builds runs on any, as long as no package is installed.
	anyDistro bool
	// alpine: it may be split on Alpine too.
	alpine bool
	// sameImage: both stages are on the image that the file has.
	sameImage bool
	// frontEnd: its application builds JavaScript with Node, too.
	frontEnd bool
	// own are the -dev packages whose libraries the interpreter links itself.
	own []string
}

// runsSource reports whether what the image starts is the source, not what is built of it.
func (p *profile) runsSource() bool { return p.builds == nil || p.frontEnd }

// A tree is the folders of dependencies that the runtime stage gets.
type tree struct {
	paths []string // copied from the build stage under the same names
	setup []string // instructions that make it, before the first install
	env   []string // instructions that both stages need for it
	sets  []string // the variables that env sets
	runs  []string // the commands that setup runs
	owner string   // the account that COPY gives them to, "" for root
	owned string   // why
	// system: they are the interpreter's own, and hold what is installed by the way.
	system bool
}

// profiles are the ecosystems, by the repository of the official image.
var profiles = map[string]*profile{
	"python": &python,
	"ruby":   &ruby,
	"golang": &golang,
	"node":   &node,
	"rust":   &rust,
	"php":    &php,
	"gcc":    &native,
	"debian": &native,
	"ubuntu": &native,
	"alpine": &native,

	"tomcat": &tomcat,

	"maven":               &java,
	"gradle":              &java,
	"openjdk":             &java,
	"java":                &java,
	"amazoncorretto":      &java,
	"eclipse-temurin":     &java,
	"ibm-semeru-runtimes": &java,

	"mcr.microsoft.com/dotnet/sdk":      &dotnet,
	"mcr.microsoft.com/dotnet/core/sdk": &dotnet,
}

// unprofiled are official images of ecosystems that have no profile.
var unprofiled = map[string]string{
	"microsoft/dotnet": "dotnet",
	"composer":         "php", "perl": "perl", "elixir": "elixir", "erlang": "erlang",
	"continuumio/miniconda3": "conda", "continuumio/anaconda3": "conda", "continuumio/miniconda": "conda", "continuumio/anaconda": "conda",
	"condaforge/miniforge3": "conda", "condaforge/mambaforge": "conda", "mambaorg/micromamba": "conda",
	"haskell": "haskell", "swift": "swift", "oven/bun": "bun", "denoland/deno": "deno",
}

// recognise returns the profile of a file with one stage, or why it has none.
func recognise(p *fix.Pass, s *build.Stage) (*profile, string) {
	ref := facts.ParseRef(s.Ref)
	prof := profiles[ref.Repository]
	if (prof == nil || prof == &native) && unprofiled[ref.Repository] == "" && installsSystemPython(s) {
		prof = &systemPython
	}
	if prof == &native && ref.Repository != "gcc" && buildsWithCargo(s) {
		prof = &rustup
	}
	switch {
	case s.Ref == "" || ref.Repository == "" || strings.Contains(s.Ref, "{{"): // a template's
		return nil, "the base image comes from " + fromWord(s)
	case unprofiled[ref.Repository] != "":
		return nil, "no profile for " + unprofiled[ref.Repository]
	case prof == nil || prof == &native && !installsCompiler(s):
		return nil, withoutProfile(s)
	case prof.anyDistro || prof == &dotnet || prof == &systemPython:
	case s.Image.Distro == facts.Alpine && !prof.alpine:
		return nil, "the runtime packages of Alpine's -dev packages are not known"
	case s.Image.Distro == facts.Ubuntu && (prof == &native || prof == &rustup) && s.Image.Release != "":
	case s.Image.Distro == facts.Ubuntu && (prof == &native || prof == &rustup):
		return nil, "the release of " + s.Ref + " is not known, and with it the names of its packages"
	case s.Image.Distro != facts.Debian && s.Image.Distro != facts.Alpine:
		return nil, fmt.Sprintf("%s is not known to be Debian", s.Ref)
	}
	switch _, known := facts.RuntimeImage(s.Ref); {
	case !s.Image.Slim && s.Image.Distro == facts.Debian && ref.Digest != "":
		return nil, "the base image is pinned by digest, and that of its slim variant is not known"
	case !known && ref.Digest != "" && (prof == &golang || prof == &rust):
		return nil, "the base image is pinned by digest, and that of its runtime image is not known"
	case len(s.From.Flags) > 0 && !s.Image.Slim && strings.Contains(s.From.Text(), "$"):
		return nil, "the platform of FROM is a variable"
	case !known && prof == &java && strings.Contains(ref.Tag, "jre"):
		return nil, "nothing is gained: " + s.Ref + " is a run time already"
	case !known && prof.builds != nil && prof != &node && prof != &php && prof != &dotnet && !strings.Contains(s.Ref, "openjdk"):
		return nil, "the runtime image of " + s.Ref + " is not known"
	}
	if runtime, other := facts.RuntimeImage(s.Ref); strings.Contains(fromWord(s), "$") {
		_, ok := asWritten(fromWord(s), s.Ref, runtime)
		switch {
		case !tellsImage(fromWord(s), s.Ref):
			return nil, "the base image comes from " + fromWord(s)
		case other && isVariable(fromWord(s)):
			return nil, otherImage(fromWord(s))
		case other && !ok:
			return nil, "the base image comes from " + fromWord(s)
		}
	}
	return ofFrontEnd(prof, s), purpose(s)
}

// withoutProfile says why a stage has no profile.
func withoutProfile(s *build.Stage) string {
	if s.Last("RUN") == nil {
		return "nothing runs in it that a build stage could take over"
	}
	if s.Image.Distro == facts.Unknown {
		return "what the base image " + s.Ref + " holds is not known"
	}
	if name := installerIn(s); name != "" {
		return "no profile for what " + name + " installs on " + s.Ref
	}
	if name := builderIn(s); name != "" {
		return "no profile for what " + name + " builds on " + s.Ref
	}
	return "nothing in it is known to build or to install what a build stage could leave behind"
}

// builderIn is the first program in a stage that compiles, or "".
func builderIn(s *build.Stage) string {
	for _, inst := range s.Instructions {
		if inst.Name != "RUN" {
			continue
		}
		for _, c := range s.Script(inst).Commands {
			if name := path.Base(c.Name()); nativeTools[name] || slices.Contains(otherBuilders, name) {
				return name
			}
		}
	}
	return ""
}

// otherBuilders are for builds whose outputs no profile tells on a plain distribution.
var otherBuilders = []string{"ant", "bazel", "cabal", "configure", "go", "gradle", "gradlew", "javac", "lein", "mvn", "mvnw", "sbt", "stack"}

// installerIn is the first manager of a language's packages that a stage installs with,
// or "".
func installerIn(s *build.Stage) string {
	for _, inst := range s.Instructions {
		if inst.Name != "RUN" {
			continue
		}
		for _, c := range s.Script(inst).Commands {
			if inv, ok := pkgmgr.Recognise(c); ok && inv.Action == pkgmgr.Install && !inv.Manager.System {
				return inv.Manager.Name
			}
		}
	}
	return ""
}

// installsCompiler reports whether a plain image of a distribution gets a compiler,
// or is that of one.
func installsCompiler(s *build.Stage) bool {
	if facts.ParseRef(s.Ref).Repository == "gcc" {
		return true
	}
	for _, inst := range s.Instructions {
		if inst.Name != "RUN" {
			continue
		}
		for _, word := range []string{"build-essential", "build-base", "gcc", "g++", "clang"} {
			if slices.Contains(strings.Fields(inst.Args.Text), word) {
				return true
			}
		}
	}
	return false
}

// purpose says why it cannot be told what runs in the image, so that nothing in it
// is known to be superfluous, or "".
func purpose(s *build.Stage) string {
	for _, inst := range s.Instructions {
		if inst.Name == "ONBUILD" {
			return "ONBUILD makes it a base for builds, which need what a split would leave behind"
		}
	}
	cmd, entrypoint := s.Last("CMD"), s.Last("ENTRYPOINT")
	if cmd == nil && entrypoint == nil && startsByItself(facts.ParseRef(s.Ref)) {
		return ""
	}
	if cmd == nil && entrypoint == nil {
		return "neither CMD nor ENTRYPOINT says what runs in the image"
	}
	only := cmd
	if cmd == nil {
		only = entrypoint
	}
	if c := s.Script(only).Only(); (cmd == nil || entrypoint == nil) && c != nil && len(c.Words) == 1 && isShell(path.Base(c.Name())) {
		return only.Name + " starts a shell, so what runs in the image cannot be told"
	}
	return ""
}

func isShell(name string) bool {
	return name == "bash" || name == "sh" || name == "zsh" || name == "python" || name == "python3" || name == "irb" || name == "node"
}

// tellsImage reports whether the image that a variable stands in is known by its
// default: where the variable is the version (python:${PYTHON_VERSION}-slim) or what
// stands before the repository (${MIRROR}python:3.11), and where it is all of the
// reference, with a tag.
func tellsImage(word, ref string) bool {
	variable, tag := strings.Index(word, "$"), strings.LastIndex(word, ":")
	if literal := word[strings.LastIndexAny(word, "}$/")+1:]; !strings.Contains(literal, "$") && strings.HasSuffix(ref, literal) {
		repository := facts.ParseRef(ref).Repository
		if strings.HasPrefix(strings.TrimPrefix(literal, "library/"), path.Base(repository)+":") {
			return true
		}
	}
	if isVariable(word) {
		return facts.ParseRef(ref).Digest == "" && strings.Contains(path.Base(ref), ":")
	}
	return tag >= 0 && tag < variable
}

// isVariable reports whether a variable is all of a word.
func isVariable(word string) bool {
	return strings.LastIndex(word, "$") == 0 && strings.TrimLeft(word, "${}ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == ""
}

// otherImage is why the slim variant of an image that a variable names is not taken:
// it would be another name that the image which someone gives has to have.
func otherImage(variable string) string {
	return "whoever gives another image for " + variable + " would need a slim variant of it too"
}

// asWritten is the image runtime in the words of the author's own, who gives ref by
// word: python:${VERSION}-bookworm and python:3.11-slim-bookworm give
// python:${VERSION}-slim-bookworm. It is not ok where the variable holds what
// changes, or all of the name.
func asWritten(word, ref, runtime string) (string, bool) {
	if !strings.Contains(word, "$") {
		return runtime, true
	}
	if isVariable(word) {
		return "", false
	}
	for end := len(ref); end > 0; end = strings.LastIndexByte(ref[:end], '-') {
		tail := ref[end:]
		head, ok := strings.CutSuffix(word, tail)
		if ok && ref[:end]+"-slim"+tail == runtime {
			return head + "-slim" + tail, true
		}
	}
	return "", false
}

func fromWord(s *build.Stage) string {
	if w := s.From.Words(); len(w) > 0 {
		return w[0].Text
	}
	return ""
}
