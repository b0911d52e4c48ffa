package verify

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/verify/builder"
	"github.com/drydock-dev/drydock/internal/verify/elf"
	"github.com/drydock-dev/drydock/internal/verify/image"
	"github.com/drydock-dev/drydock/internal/verify/probe"
)

// A comparison is one image held against another.
type comparison struct {
	options       Options
	rewrite       Rewrite
	before, after *observation
	bases         bases
	unseenFiles   bool // the builder does not tell what would show which files vanished
	removed       []string
	added         []string
	found         []Finding
}

// bases are the images that both are built on.
type bases struct {
	before, after builder.Base
	same          bool // by the names that the texts have
}

// findings holds the after against the before. What tells the cause comes before
// what tells the effect.
func (c *comparison) findings() []Finding {
	c.config()
	c.packages()
	c.user()
	c.files()
	c.libraries()
	c.scripts()
	c.certificates()
	c.imports()
	c.writes()
	c.start()
	return c.found
}

func (c *comparison) find(check Check, subject, format string, args ...any) {
	for _, a := range c.options.Accept {
		if a.covers(check, subject) {
			return
		}
	}
	c.found = append(c.found, Finding{Check: check, Subject: subject, Message: fmt.Sprintf(format, args...)})
}

// declared reports whether the fixes declare a change of a kind, and of a subject
// where one is given.
func (c *comparison) declared(kind fix.ChangeKind, subject string) bool {
	return slices.ContainsFunc(c.rewrite.Changes, func(ch fix.Change) bool {
		return ch.Kind == kind && (subject == "" || ch.Subject == subject)
	})
}

func (c *comparison) config() {
	before, after := c.before.image.Config.Config, c.after.image.Config.Config
	setting := func(name string, a, b any) {
		// nil and empty are the same.
		if reflect.DeepEqual(a, b) || fmt.Sprint(a) == fmt.Sprint(b) {
			return
		}
		c.find(CheckConfig, name, "%s was %s and is %s", name, shown(a), shown(b))
	}
	setting("Entrypoint", before.Entrypoint, after.Entrypoint)
	setting("Cmd", before.Cmd, after.Cmd)
	setting("WorkingDir", before.WorkingDir, after.WorkingDir)
	setting("ExposedPorts", keys(before.ExposedPorts), keys(after.ExposedPorts))
	setting("Volumes", keys(before.Volumes), keys(after.Volumes))
	setting("StopSignal", before.StopSignal, after.StopSignal)
	setting("Shell", before.Shell, after.Shell)
	setting("OnBuild", before.OnBuild, after.OnBuild)
	if h := before.Healthcheck; h != nil && after.Healthcheck == nil {
		c.find(CheckConfig, "Healthcheck", "the HEALTHCHECK is lost")
	} else {
		setting("Healthcheck", healthcheck(before), healthcheck(after))
	}
	if before.User != after.User && !c.rewrite.ByHand && !c.declared(fix.ChangeUser, "") {
		setting("User", before.User, after.User)
	}
	for _, name := range union(before.Labels, after.Labels) {
		if a, b := before.Labels[name], after.Labels[name]; a != b && !c.isBase(func(cfg image.Config) string { return cfg.Config.Labels[name] }, a, b) {
			c.find(CheckConfig, "Labels."+name, "the label %s was %q and is %q", name, a, b)
		}
	}
	c.environment(variables(before.Env), variables(after.Env))
}

func (c *comparison) environment(before, after map[string]string) {
	for _, name := range union(before, after) {
		a, had := before[name]
		b, has := after[name]
		switch {
		case had == has && a == b, c.declared(fix.ChangeEnv, name):
		case !had && c.rewrite.ByHand:
		case has && name == "PATH" && strings.HasSuffix(b, a): // more folders in front
		case c.isBase(func(cfg image.Config) string { return variables(cfg.Config.Env)[name] }, a, b):
		case !has:
			c.find(CheckConfig, "Env."+name, "the variable %s is lost; it was %q", name, a)
		case !had:
			c.find(CheckConfig, "Env."+name, "the variable %s is new: %q", name, b)
		default:
			c.find(CheckConfig, "Env."+name, "the variable %s was %q and is %q", name, a, b)
		}
	}
}

// isBase reports whether a setting's two values are those of two base images, of
// which the change is declared.
func (c *comparison) isBase(of func(image.Config) string, before, after string) bool {
	changed := c.rewrite.ByHand || c.declared(fix.ChangeBase, "")
	return changed && of(c.bases.before.Config) == before && of(c.bases.after.Config) == after
}

func healthcheck(c imageConfig) string {
	if c.Healthcheck == nil {
		return ""
	}
	return fmt.Sprintf("%q every %v, within %v, after %v, %d times", c.Healthcheck.Test, c.Healthcheck.Interval, c.Healthcheck.Timeout, c.Healthcheck.StartPeriod, c.Healthcheck.Retries)
}

func (c *comparison) packages() {
	before, after := c.before.image.Packages(), c.after.image.Packages()
	for name := range before {
		if _, ok := after[name]; !ok {
			c.removed = append(c.removed, name)
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			c.added = append(c.added, name)
		}
	}
	sort.Strings(c.removed)
	sort.Strings(c.added)
}

func (c *comparison) user() {
	user := c.after.image.Config.Config.User
	if _, _, ok := c.after.image.Account(user); !ok {
		c.find(CheckUser, user, "the image has no account %q", user)
	}
}

func (c *comparison) imports() {
	loaded := map[string]bool{}
	for _, i := range c.before.probe.Imports {
		loaded[i.Language+" "+i.Module] = i.Error == ""
	}
	for _, i := range c.after.probe.Imports {
		if i.Error != "" && loaded[i.Language+" "+i.Module] {
			c.find(CheckImports, i.Module, "%s does not load %s any more: %s", i.Language, i.Module, i.Error)
		}
	}
}

// authorities are where programs look for certificates (Go's crypto/x509, OpenSSL).
var authorities = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
	"/etc/pki/tls/cacert.pem", "/etc/ssl/cert.pem",
}

func (c *comparison) certificates() {
	has := func(i *image.Image) bool {
		return slices.ContainsFunc(authorities, func(name string) bool { f := i.At(name); return f != nil && f.Size > 0 })
	}
	// Node has authorities of its own (its root_certs.h), and its slim images none.
	if _, node := c.after.image.Resolve("/usr/local/bin/node"); node {
		return
	}
	if has(c.before.image) && !has(c.after.image) && c.speaksTLS() {
		c.find(CheckCertificates, authorities[0], "the certificates of the authorities are missing: TLS to others fails")
	}
}

// speaksTLS reports whether something that the Dockerfile put on the base image looks
// for certificates, or loads a library that does. What the base has for itself, such as
// apt's libgnutls, does not count.
func (c *comparison) speaksTLS() bool {
	i := c.after.image
	base := baseLayers(i, c.bases.after.Config)
	seen := map[string]bool{}
	var speaks func(name string) bool
	speaks = func(name string) bool {
		o := i.Object(name)
		if o == nil || seen[name] {
			return false
		}
		seen[name] = true
		if o.Authorities {
			return true
		}
		_, libraries := elf.Check(i, name, o)
		return slices.ContainsFunc(libraries, speaks)
	}
	for name, f := range i.Files {
		if f.Layer >= base && speaks(name) {
			return true
		}
	}
	return false
}

// writes tells of files that the command wrote at start and that its new user
// cannot write.
func (c *comparison) writes() {
	user := c.after.image.Config.Config.User
	uid, gid, ok := c.after.image.Account(user)
	if !ok || uid == 0 {
		return
	}
	written := map[string]bool{}
	for _, name := range c.after.probe.Written {
		written[name] = true
	}
	told := map[string]bool{}
	for _, name := range c.before.probe.Written {
		dir := path.Dir(name)
		if written[name] || told[dir] || isJunk(name) || c.after.image.Writable(name, uid, gid) {
			continue
		}
		told[dir] = true
		c.find(CheckWrites, name, "the command writes %s at start, and user %s cannot", name, user)
	}
}

func (c *comparison) start() {
	before, after := c.before.probe, c.after.probe
	for _, p := range before.Seen.Listening {
		if slices.Contains(after.Seen.Listening, p) {
			continue
		}
		if uid, _, ok := c.after.image.Account(c.after.image.Config.Config.User); p < 1024 && ok && uid != 0 {
			c.find(CheckPorts, fmt.Sprint(p), "user %s cannot listen on port %d, which is below 1024", c.after.image.Config.Config.User, p)
			continue
		}
		c.find(CheckPorts, fmt.Sprint(p), "nothing listens on port %d any more", p)
	}
	if was, is := started(c.before), started(c.after); was != is && !(fails(before) && !fails(after)) {
		said := after.Output
		if after.Fault != "" {
			said = after.Fault
		}
		c.find(CheckStart, strings.Join(after.Command, " "), "the command was: %s, and is: %s%s", was, is, lastLine(said))
	}
	answers := map[int]int{}
	for _, a := range after.Seen.Answers {
		answers[a.Port] = a.Status
	}
	for _, a := range before.Seen.Answers {
		if is, listens := answers[a.Port]; listens && a.Status != 0 && is != a.Status {
			c.find(CheckHTTP, fmt.Sprint(a.Port), "GET / on port %d answered %d and answers %d%s", a.Port, a.Status, is, lastLine(after.Output))
		}
	}
	if before.Health != nil && after.Health != nil && before.Health.OK && !after.Health.OK {
		c.find(CheckHealth, "HEALTHCHECK", "the HEALTHCHECK fails%s", lastLine(after.Health.Output))
	}
	if before.Smoke != nil && after.Smoke != nil && before.Smoke.OK && !after.Smoke.OK {
		c.find(CheckSmoke, c.options.Smoke, "%s fails%s", c.options.Smoke, lastLine(after.Smoke.Output))
	}
}

// fails reports whether a command could not be started, or ended with an error.
func fails(r *probe.Result) bool { return !r.Up && (r.Fault != "" || r.ExitCode != 0) }

// telling are lines that say what went wrong, in the words of many languages.
var telling = regexp.MustCompile(`Error\b|Exception\b|^panic:|[Pp]ermission denied|No such file|not found`)

// lastLine is ": " and the line of a text that tells most: the last that names an
// error, or the last at all.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, line := range slices.Backward(lines) {
		if telling.MatchString(line) {
			lines = []string{line}
			break
		}
	}
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return ": " + last[:min(len(last), 300)]
	}
	return ""
}

func shown(v any) string {
	if text := fmt.Sprintf("%q", v); text != `""` && text != "[]" {
		return text
	}
	return "none"
}

func variables(env []string) map[string]string {
	all := map[string]string{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		all[name] = value
	}
	return all
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func union[V any](a, b map[string]V) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]V{}
	}
	maps.Copy(all, b)
	return keys(all)
}
