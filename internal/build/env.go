package build

import (
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// An env is the variables in force at a point: a list from the newest on, shared
// with the points before it. The nil env is empty.
type env struct {
	name  string
	value string
	kind  envKind
	args  []string // the build arguments that an ENV's value depends on
	outer *env
}

type envKind uint8

const (
	envSet     envKind = iota // by ENV: known
	envUnknown                // by ENV with a value that is not known
	argSet                    // by ARG with a default, which --build-arg can replace
	argUnknown                // by ARG without one
	argsEnd                   // a new stage begins: ARGs below this are out of scope
)

// defaultPath is what BuildKit sets for an image without PATH
// (util/system/path.go); every official image for Linux has it or begins with
// its own directories.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func baseEnv(ref string) *env {
	if ref == "scratch" {
		return &env{name: "PATH", value: defaultPath}
	}
	return nil
}

// baseWorkdir is the working directory of an image, "" if the image is unknown.
func baseWorkdir(ref string) string {
	if ref == "scratch" || facts.Image(ref).Distro != facts.Unknown {
		return facts.Workdir(ref)
	}
	return ""
}

func (e *env) withoutArgs() *env { return &env{kind: argsEnd, outer: e} }

// lookup returns the newest variable of that name. ENV wins over ARG wherever it
// stands.
func (e *env) lookup(name string) *env {
	var arg *env
	inScope := true
	for ; e != nil; e = e.outer {
		switch {
		case e.kind == argsEnd:
			inScope = false
		case e.name != name:
		case e.kind == envSet || e.kind == envUnknown:
			return e
		case inScope && arg == nil:
			arg = e
		}
	}
	return arg
}

// declare adds the variables of an ARG. One without default takes the value of
// the global ARG of its name.
func (e *env) declare(global *env, inst *syntax.Instruction, by *expander) *env {
	for _, p := range inst.Pairs() {
		next := &env{name: p.Name, kind: argUnknown, outer: e}
		if p.HasValue {
			if value, ok := e.expand(p.Value, by); ok {
				next.value, next.kind = value, argSet
			}
		} else if g := global.lookup(p.Name); g != nil {
			next.value, next.kind = g.value, g.kind
		}
		e = next
	}
	return e
}

// set adds the variables of an ENV; all of its values are read before it.
func (e *env) set(inst *syntax.Instruction, by *expander) *env {
	before := e
	for _, p := range inst.Pairs() {
		next := &env{name: p.Name, kind: envUnknown, outer: e}
		x := before.expansion(p.Value, by)
		next.args = x.Args
		if x.Known {
			next.value, next.kind = x.Text, envSet
		}
		e = next
	}
	return e
}

// expand replaces the variables of a Dockerfile word and removes its quotes. It
// reports false if one of them is not known.
func (e *env) expand(word string, by *expander) (string, bool) {
	x := e.expansion(word, by)
	return x.Text, x.Known
}

// An Expansion is a word of the Dockerfile with its variables replaced.
type Expansion struct {
	Text  string
	Known bool     // every variable has a value
	Args  []string // the build arguments that it depends on, with their defaults
}

// An expander is BuildKit's, for the escape character of a file.
type expander struct {
	lex     *shell.Lex
	special string // a word without one of these stays as it is
}

func newExpander(escape byte) *expander {
	return &expander{lex: shell.NewLex(rune(escape)), special: `$'"\` + string(escape)}
}

func (e *env) expansion(word string, by *expander) Expansion {
	if !strings.ContainsAny(word, by.special) {
		return Expansion{Text: word, Known: true}
	}
	lookup := &recorder{env: e, known: true}
	text, unmatched, err := by.lex.ProcessWord(word, lookup)
	if err != nil || len(unmatched) > 0 || !lookup.known {
		return Expansion{Args: lookup.args}
	}
	return Expansion{Text: text, Known: true, Args: lookup.args}
}

// recorder answers BuildKit's expander and notes what it asked for.
type recorder struct {
	env   *env
	known bool
	args  []string
}

func (r *recorder) Get(name string) (string, bool) {
	v := r.env.lookup(name)
	if v == nil {
		// Set by the base image, perhaps: the caller sees it as unmatched unless
		// the word has a fallback of its own, which then is not to be trusted.
		r.known = false
		return "", false
	}
	switch v.kind {
	case envUnknown, argUnknown:
		r.known = false
	}
	if v.kind == argSet || v.kind == argUnknown {
		r.args = append(r.args, name)
	}
	r.args = append(r.args, v.args...)
	return v.value, true
}

func (r *recorder) Keys() []string { return nil }

func joinWorkdir(s state, inst *syntax.Instruction, by *expander) string {
	dir, ok := s.env.expand(inst.Args.Text, by)
	switch {
	case !ok:
		return ""
	case strings.HasPrefix(dir, "/"):
		return path.Clean(dir)
	case s.workdir == "":
		return ""
	}
	return path.Join(s.workdir, dir)
}

// EnvAt returns the value of a variable at inst. It reports false if the file
// does not say it.
func (s *Stage) EnvAt(inst *syntax.Instruction, name string) (string, bool) {
	v := s.before(inst).env.lookup(name)
	if v == nil || v.kind == envUnknown || v.kind == argUnknown {
		return "", false
	}
	return v.value, true
}

// IsArgAt reports whether a variable at inst is a build argument, which the
// command line of a build may set.
func (s *Stage) IsArgAt(inst *syntax.Instruction, name string) bool {
	v := s.before(inst).env.lookup(name)
	return v != nil && (v.kind == argSet || v.kind == argUnknown)
}

// Expand replaces the variables of a Dockerfile word at inst.
func (s *Stage) Expand(inst *syntax.Instruction, word string) Expansion {
	return s.before(inst).env.expansion(word, s.model.words)
}

// WorkdirAt returns the working directory at inst, absolute, or "" if it is not
// known.
func (s *Stage) WorkdirAt(inst *syntax.Instruction) string { return s.before(inst).workdir }

// EnvSetByStage reports whether an ENV of this stage or of its bases in the file
// sets the variable, and so leaves it in the image.
func (s *Stage) EnvSetByStage(name string) bool {
	v := s.before(nil).env.lookup(name)
	return v != nil && (v.kind == envSet || v.kind == envUnknown)
}
