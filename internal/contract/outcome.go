package contract

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
)

// maxBuilds bounds the images of a file that BuildKit is asked about, each for
// each platform: the cost of one is that of the whole file.
const maxBuilds = 8

// outcome compares the images that BuildKit would make of the files: their
// configuration, what they inherit included, the graph of their builds, and what
// BuildKit warns of.
func outcome(c *comparison) {
	if len(c.found) > 0 || c.onlyRuns {
		return // said in the file's own words, or not touched
	}
	builds := 0
	for _, after := range slices.Backward(c.after.stages) {
		before := c.counterpart(after)
		if before == nil || !before.IsImage() || after.Name == "" && after != c.after.last() {
			continue // no --target can name it
		}
		for _, platform := range platformsOf(before.Stage) {
			if builds++; builds > maxBuilds {
				return
			}
			c.compareBuilds(before, after, platform)
		}
	}
}

// platformsOf are those that the stages of a file name, or the usual one.
func platformsOf(s *build.Stage) []ocispecs.Platform {
	if s.Image.Distro == facts.Windows {
		return []ocispecs.Platform{{OS: "windows", Architecture: "amd64"}}
	}
	all := []ocispecs.Platform{linux}
	for _, other := range s.Model().Stages {
		if other.Platform == "" {
			continue
		}
		p, err := platforms.Parse(other.Platform)
		if err == nil && !slices.ContainsFunc(all, func(known ocispecs.Platform) bool { return reflect.DeepEqual(known, p) }) {
			all = append(all, p)
		}
	}
	return all
}

func (c *comparison) compareBuilds(before, after *stage, platform ocispecs.Platform) {
	c.findBases(before, after, platform)
	var images Images
	if c.bases.before != nil {
		images = before.reading.images
	}
	b := before.reading.build(before.target(), platform, images)
	if b.err != nil {
		return // not without build arguments that the file does not say, or not soon
	}
	a := after.reading.build(after.target(), platform, images)
	if errors.Is(a.err, errTooLarge) {
		return
	}
	if a.err != nil {
		c.differs("BuildKit cannot build it any more: %s", short(a.err.Error()))
		return
	}
	for _, w := range a.warnings {
		if !slices.Contains(b.warnings, w) {
			c.differs("BuildKit warns of it: %s", w)
		}
	}
	was, is := b.config, a.config
	if was.User != is.User && c.declared.has(fix.ChangeUser, is.User, after.end.asUser) {
		is.User = was.User
	}
	if isSpelledOut(before, after) {
		is.WorkingDir = was.WorkingDir // BuildKit is not told that of the base image
	}
	was.Env, is.Env = c.undeclared(was.Env), c.undeclared(is.Env)
	c.dropOfBases(&was, &is)
	if len(was.OnBuild) == len(is.OnBuild) {
		is.OnBuild = slices.Clone(is.OnBuild)
		for n, trigger := range was.OnBuild {
			if isRun(trigger) && isRun(is.OnBuild[n]) {
				is.OnBuild[n] = trigger // compareTriggers holds it to the rules of a RUN
			}
		}
	}
	w, i := reflect.ValueOf(was), reflect.ValueOf(is)
	for n := range w.NumField() {
		c.compareField(w.Type().Field(n).Name, w.Field(n).Interface(), i.Field(n).Interface())
	}
	if b.author != a.author {
		c.differs("MAINTAINER is not the same")
	}
	wasGraph, err := b.graph(platform)
	if err != nil {
		return
	}
	isGraph, err := a.graph(platform)
	if err != nil {
		c.differs("BuildKit cannot build it any more: %s", short(err.Error()))
		return
	}
	c.compareGraphs(before, after, wasGraph, isGraph)
}

func isRun(trigger string) bool {
	name, _, _ := strings.Cut(trigger, " ")
	return strings.EqualFold(name, "RUN")
}

func (c *comparison) compareField(name string, was, is any) {
	if embedded := reflect.ValueOf(was); embedded.Kind() == reflect.Struct {
		for n := range embedded.NumField() {
			c.compareField(embedded.Type().Field(n).Name, embedded.Field(n).Interface(), reflect.ValueOf(is).Field(n).Interface())
		}
		return
	}
	if !reflect.DeepEqual(was, is) {
		c.differs("the image's %s is %v instead of %v", name, is, was)
	}
}

// target names the stage to BuildKit.
func (s *stage) target() string {
	if s == s.reading.last() {
		return ""
	}
	return s.Name
}

// undeclared are the variables that no change declares, in order of their names.
func (c *comparison) undeclared(env []string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return c.declared.has(fix.ChangeEnv, name)
	})
	slices.Sort(env)
	return env
}
