package dependencycopy

// With "style: cache-mount" in the configuration:
//
// RUN go build -o /bin/app .
//   =>
// RUN --mount=type=cache,target=/root/.cache/go-build \
//     go build -o /bin/app .
//
// What the compiler made is there again after an edit of the source, and what Maven
// and Gradle fetched. Their mount takes the place of a layer that fetches ahead:
// it hides what other layers have in that folder, so that one RUN alone may use it.
// Declined: a user whose home is not known, an rm of the folder in the RUN, which
// would fail on a mount, and images that compile when they start.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A buildCache is the folder that a build tool fills for its next run.
type buildCache struct {
	programs []string
	folder   string // below HOME
	env      string // the variable that moves it
	fills    func(call) bool
	// fetched: it holds what was downloaded. One build at a time may use it, and no
	// other layer may have something there.
	fetched bool
}

// Sources: "go help cache"; maven.apache.org/guides/mini/guide-configuring-maven.html;
// docs.gradle.org/current/userguide/directory_layout.html.
var (
	compileCaches = []buildCache{
		{programs: []string{"go"}, folder: ".cache/go-build", env: "GOCACHE", fills: goFills},
	}
	fetchCaches = []buildCache{
		{programs: []string{"mvn", "mvnw"}, folder: ".m2/repository", fills: mavenFills, fetched: true},
		{programs: []string{"gradle", "gradlew"}, folder: ".gradle", env: "GRADLE_USER_HOME", fills: gradleFills, fetched: true},
	}
)

// keepBuildCaches reports a cache mount for the first RUN of a stage that fills one
// of some caches without a mount, and whether that is a fix.
func keepBuildCaches(pass *fix.Pass, stage *build.Stage, caches []buildCache) bool {
	for _, run := range stage.Instructions {
		if run.Name != "RUN" || !runsAgain(stage, run) {
			continue
		}
		s := readSteps(pass, stage, run)
		for _, c := range caches {
			if !s.compilesWith(c) {
				continue
			}
			target, options, why := s.mountOf(c)
			if why != "" {
				pass.Decline(run.Span, "%s", why)
				continue
			}
			if target != "" {
				s.insertMount(target, options, c.what())
				return true
			}
		}
	}
	return false
}

// runsAgain reports whether a RUN has files before it whose edit makes it run again.
func runsAgain(stage *build.Stage, run *syntax.Instruction) bool {
	return mountsFiles(run) || slices.ContainsFunc(stage.Instructions[:stage.IndexOf(run)], func(inst *syntax.Instruction) bool {
		return inst.Name == "COPY" || inst.Name == "ADD"
	})
}

// what is what the cache holds, for a message.
func (c buildCache) what() string {
	if c.fetched {
		return c.programs[0] + " fetches"
	}
	return c.programs[0] + " compiles"
}

func (s *steps) insertMount(target, options, what string) {
	file := s.run.File()
	text := "--mount=type=cache,target=" + target + options + " " + string(file.Escape) + file.EOL() + file.Style().Indent
	s.pass.Apply(s.run.Span, "keep what "+what+" in a cache mount", fix.Fix{
		Safety:  fix.Review,
		Edits:   []edit.Edit{edit.Insert(s.run.Args.Offset(0), text)},
		Changes: []fix.Change{{Kind: fix.AddCache, Subject: target}},
		Claims:  []string{fmt.Sprintf("stage:%d/dependencies", s.stage.Index)},
	})
}

// compilesWith reports whether a command of the RUN fills a cache.
func (s *steps) compilesWith(c buildCache) bool {
	for _, st := range s.list {
		for _, cmd := range st.Commands {
			if c.isOf(cmd) && c.fills(call{steps: s, cmd: cmd, dir: st.dir}) {
				return true
			}
		}
	}
	return false
}

func goFills(c call) bool {
	_, words := c.cmd.Runs()
	// -a compiles all anew.
	return len(words) > 0 && slices.Contains([]string{"build", "install", "test", "vet", "generate"}, words[0].Value) && !hasOption(words, "-a", "--a")
}

func mavenFills(c call) bool {
	m, ok := c.maven()
	if !ok || !m.compiles() {
		return false
	}
	for _, name := range []string{"MAVEN_OPTS", "MAVEN_ARGS"} {
		if value, _ := c.stage.EnvAt(c.run, name); strings.Contains(value, "maven.repo.local") {
			return false
		}
	}
	return !strings.Contains(c.cmd.Text(), "maven.repo.local")
}

func gradleFills(c call) bool {
	_, words := c.tool()
	return len(words) > 0 && !hasOption(words, "--offline", "-g", "--gradle-user-home", "--version", "-v", "--help", "-h")
}

// mountOf is the folder of a cache and the options of its mount, "" if it has one, or
// why there is none.
func (s *steps) mountOf(c buildCache) (target, options, declined string) {
	program := c.programs[0]
	target, options, why := s.cacheFolder(c)
	if why != "" || s.mountsAbove(target) {
		return "", "", why
	}
	if c.fetched {
		options = ",sharing=locked" + options
	}
	switch other := s.otherUse(c); {
	case s.stage.IsKept() && s.startsOne(c):
		return "", "", "the image runs " + program + " when it starts, and would not find what a cache mount holds"
	case s.removesFolder(target):
		return "", "", "the RUN removes what a cache mount of " + program + " would hold"
	case c.fetched && other != nil:
		return "", "", program + " has files of another layer, which a cache mount would hide: " + briefOf(other)
	case s.pass.OldFrontend() != "":
		return "", "", "the frontend " + s.pass.OldFrontend() + " has no cache mounts"
	}
	return target, options, ""
}

// cacheFolder is where the tool of the RUN has its cache, and the options of a mount
// for the user it runs as.
func (s *steps) cacheFolder(c buildCache) (target, owner, declined string) {
	if value, set := s.stage.EnvAt(s.run, c.env); c.env != "" && set {
		if !path.IsAbs(value) {
			return "", "", c.env + " says where " + c.programs[0] + " has its cache"
		}
		return path.Clean(value), "", s.notRoot(c)
	}
	for _, name := range []string{"HOME", "XDG_CACHE_HOME"} {
		if _, set := s.stage.EnvAt(s.run, name); set && s.stage.EnvSetByStage(name) {
			return "", "", name + " says where " + c.programs[0] + " has its cache"
		}
	}
	// Source: the Dockerfiles of keeganwitt/docker-gradle, where root's folder is a link.
	if c.programs[0] == "gradle" && facts.ParseRef(s.stage.Bottom().Ref).Repository == "gradle" {
		if user := s.stage.UserAt(s.run); user.Known && user.Name == "gradle" {
			return "/home/gradle/.gradle", ",uid=1000,gid=1000", ""
		}
		return "/home/gradle/.gradle", "", s.notRoot(c)
	}
	return path.Join("/root", c.folder), "", s.notRoot(c)
}

// notRoot declines for a user who may not write to a mount, or whose home is not
// known.
func (s *steps) notRoot(c buildCache) string {
	if user := s.stage.UserAt(s.run); user.Known && !user.IsRoot() || !user.Known && user.Inst != nil {
		return "the home directory of " + c.programs[0] + "'s user is not known"
	}
	return ""
}

// mountsAbove reports whether a mount of the RUN has the folder, or a part of it.
func (s *steps) mountsAbove(target string) bool {
	return slices.ContainsFunc(s.run.Flags, func(f syntax.Flag) bool {
		for option := range strings.SplitSeq(f.Value, ",") {
			for _, key := range []string{"target=", "dst=", "destination="} {
				value, ok := strings.CutPrefix(option, key)
				if expanded := s.stage.Expand(s.run, value); ok && (!expanded.Known || overlap(path.Clean(expanded.Text), target) || strings.HasPrefix(value, "~")) {
					return true
				}
			}
		}
		return false
	})
}

// removesFolder reports whether a command of the RUN removes the folder or what is
// in it, or may.
func (s *steps) removesFolder(target string) bool {
	return slices.ContainsFunc(s.script.Commands, func(cmd *shell.Command) bool {
		name, args := cmd.Runs()
		switch name {
		case "go":
			return len(args) > 0 && args[0].Value == "clean" && hasOption(args, "-cache", "--cache")
		case "rm", "rmdir", "find", "mv":
		default:
			return false
		}
		return slices.ContainsFunc(args, func(w shell.Word) bool {
			value, known := s.expand(w)
			if !known {
				value = strings.NewReplacer("${HOME}", "/root", "$HOME", "/root").Replace(w.Value)
			}
			if rest, ok := strings.CutPrefix(value, "~"); ok {
				value = "/root" + rest
			}
			if i := strings.IndexAny(value, "*?[$"); i >= 0 {
				value = path.Dir(value[:i] + "x")
			}
			return path.IsAbs(value) && overlap(path.Clean(value), target)
		})
	})
}

// otherUse is another instruction that has to do with what the tool fetches: it
// names its folder, or is a RUN of the same tool in a stage that this one builds on,
// or that builds on it.
func (s *steps) otherUse(c buildCache) *syntax.Instruction {
	folder, _, _ := strings.Cut(c.folder, "/")
	for _, other := range s.stage.Model().Stages {
		related := slices.Contains(other.Chain(), s.stage) || slices.Contains(s.stage.Chain(), other)
		for _, inst := range other.Instructions {
			switch {
			case inst == s.run:
			case strings.Contains(inst.Args.Text, "/"+folder) && !strings.Contains(inst.Args.Text, "settings"): // Maven's lie beside the repository
				return inst
			case inst.Name == "RUN" && related && slices.ContainsFunc(other.Script(inst).Commands, c.isOf):
				return inst
			}
		}
	}
	return nil
}

// startsOne reports whether the image starts the tool.
func (s *steps) startsOne(c buildCache) bool {
	for _, name := range []string{"ENTRYPOINT", "CMD"} {
		if inst := s.stage.Last(name); inst != nil && slices.ContainsFunc(s.stage.Script(inst).Commands, c.isOf) {
			return true
		}
	}
	return false
}

func (c buildCache) isOf(cmd *shell.Command) bool {
	name, _ := (call{cmd: cmd}).tool()
	return slices.Contains(c.programs, name)
}
