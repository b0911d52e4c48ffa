package contract

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// config is an image's configuration as the file sets it: what the base image
// adds is the same for equal bases.
type config struct {
	from     string            // the base image and platform as written
	base     string            // the base image, variables replaced
	settings map[string]string // instruction to value: CMD, ENTRYPOINT, HEALTHCHECK, STOPSIGNAL, MAINTAINER, WORKDIR, SHELL
	user     string
	env      map[string]*variable
	labels   map[string]string
	sets     map[string][]string // EXPOSE and VOLUME: what they name, sorted
	triggers []trigger           // ONBUILD
}

func (s *stage) config() *config {
	bottom := s.reading.stageOf(s.Bottom())
	c := &config{
		from:     strings.Join(append(flagTexts(bottom.From), firstWord(bottom.From)), " "),
		base:     bottom.Ref,
		settings: map[string]string{"WORKDIR": s.end.workdir, "SHELL": s.end.shell},
		user:     s.end.user,
		env:      s.end.env.withoutArgs().variables(),
		labels:   map[string]string{},
		sets:     map[string][]string{},
	}
	for _, st := range s.chain() {
		c.add(st)
	}
	for name, values := range c.sets {
		slices.Sort(values)
		c.sets[name] = slices.Compact(values)
	}
	return c
}

func (c *config) add(s *stage) {
	hasCmd := false
	c.triggers = nil // a stage runs its base's triggers and does not pass them on
	for _, inst := range s.Instructions {
		switch inst.Name {
		case "CMD":
			hasCmd = true
			c.settings["CMD"] = s.setting(inst)
		case "ENTRYPOINT":
			// It resets the CMD of the base (dockerfile2llb, dispatchEntrypoint).
			if !hasCmd {
				c.settings["CMD"] = "reset"
			}
			c.settings["ENTRYPOINT"] = s.setting(inst)
		case "HEALTHCHECK", "STOPSIGNAL", "MAINTAINER":
			c.settings[inst.Name] = s.setting(inst)
		case "LABEL":
			for _, p := range inst.Pairs() {
				c.labels[s.text(inst, p.Name)] = s.text(inst, p.Value)
			}
		case "EXPOSE", "VOLUME":
			for _, w := range inst.Words() {
				c.sets[inst.Name] = append(c.sets[inst.Name], s.text(inst, w.Text))
			}
		case "ONBUILD":
			c.triggers = append(c.triggers, s.trigger(inst.Trigger))
		}
	}
}

// setting is the whole value of an instruction. A command in shell form depends
// on the SHELL in force.
func (s *stage) setting(inst *syntax.Instruction) string {
	if inst == nil {
		return ""
	}
	parts := append([]string{inst.Name}, flagTexts(inst)...)
	switch {
	case inst.JSON:
		parts = append(parts, "exec")
		for _, w := range inst.Words() {
			parts = append(parts, w.Text)
		}
	case inst.Name == "CMD" || inst.Name == "ENTRYPOINT" || inst.Name == "HEALTHCHECK":
		parts = append(parts, s.shellAt(inst), inst.Args.Text)
	case inst.Name == "STOPSIGNAL":
		parts = append(parts, s.text(inst, inst.Args.Text))
	default:
		parts = append(parts, inst.Args.Text)
	}
	for _, h := range inst.Heredocs {
		parts = append(parts, inst.File().Slice(h.Body))
	}
	return strings.Join(parts, "\x00")
}

// shellAt is the SHELL in force at inst, as written.
func (s *stage) shellAt(inst *syntax.Instruction) string {
	for _, st := range slices.Backward(s.chain()) {
		for _, other := range slices.Backward(st.Instructions) {
			if other.Name == "SHELL" && (st != s || other.Span.Start < inst.Span.Start) {
				return other.Args.Text
			}
		}
	}
	return ""
}

func flagTexts(inst *syntax.Instruction) []string {
	var flags []string
	for _, f := range inst.Flags {
		flags = append(flags, "--"+f.Name+"="+f.Value)
	}
	slices.Sort(flags)
	return flags
}

func firstWord(inst *syntax.Instruction) string {
	if w := inst.Words(); len(w) > 0 {
		return w[0].Text
	}
	return ""
}

// isSpelledOut reports whether after has the folder as a whole that before has below,
// or as, the working directory of its base image.
func isSpelledOut(before, after *stage) bool {
	dir := before.WorkdirAt(nil)
	return !path.IsAbs(before.end.workdir) && dir != "" && after.end.workdir == dir
}

// compareConfig checks that an image is configured as before.
func (c *comparison) compareConfig(before, after *stage) {
	b, a := before.config(), after.config()
	if (b.from != a.from || b.base != a.base) && !c.declared.has(fix.ChangeBase, a.base, firstWord(c.after.stageOf(after.Bottom()).From)) {
		c.differs("the base image is %s instead of %s", brief(a.from), brief(b.from))
	}
	if b.user != a.user && !c.declared.has(fix.ChangeUser, a.user, after.end.asUser) {
		c.differs("USER is %q instead of %q", a.user, b.user)
	}
	for _, name := range []string{"CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "MAINTAINER", "WORKDIR", "SHELL"} {
		if name == "WORKDIR" && isSpelledOut(before, after) {
			continue
		}
		c.compareSetting(name, b.settings[name], a.settings[name])
	}
	for _, name := range []string{"EXPOSE", "VOLUME"} {
		if !slices.Equal(b.sets[name], a.sets[name]) {
			c.differs("%s is not the same: %s instead of %s", name, list(a.sets[name]), list(b.sets[name]))
		}
	}
	if !maps.Equal(b.labels, a.labels) {
		c.differs("LABEL is not the same")
	}
	c.compareTriggers(b.triggers, a.triggers)
	for _, name := range sorted(b.env) {
		v := b.env[name]
		if c.declared.has(fix.ChangeEnv, name) {
			continue
		}
		switch other := a.env[name]; {
		case other == nil:
			c.differs("ENV %s is lost", name)
		case other.value != v.value:
			c.differs("ENV %s is %q instead of %q", name, brief(other.value), brief(v.value))
		}
	}
	for _, name := range sorted(a.env) {
		if b.env[name] == nil && !c.declared.has(fix.ChangeEnv, name) {
			c.differs("ENV %s is new", name)
		}
	}
}

func (c *comparison) compareSetting(name, before, after string) {
	switch {
	case before == after:
	case after == "":
		c.differs("%s is lost", name)
	case before == "":
		c.differs("%s is new", name)
	default:
		c.differs("%s is not the same", name)
	}
}

func list(values []string) string {
	if len(values) == 0 {
		return "nothing"
	}
	return brief(strings.Join(values, " "))
}
