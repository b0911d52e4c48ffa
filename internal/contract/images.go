package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// stages finds for each stage after the rewrite the one before that it is: the
// one of its name, the last for the last, else the next without either that is
// built on the same image. It checks that names stay unique, that what takes
// files from a stage finds it, and that build arguments stay.
func stages(c *comparison) {
	c.pair()
	c.names()
	c.arguments()
	known := map[string]bool{}
	for _, s := range c.before.stages {
		for _, ref := range s.outside() {
			known[ref] = true
		}
	}
	for _, s := range c.after.stages {
		for _, ref := range s.outside() {
			if !known[ref] {
				c.differs("--from=%s names no stage", ref)
			}
		}
	}
}

func (c *comparison) pair() {
	c.pairs = slices.Repeat([]int{-1}, len(c.after.stages))
	c.paired = make([]bool, len(c.before.stages))
	lastBefore, lastAfter := c.before.last(), c.after.last()
	c.match(func(s *stage) string { return s.Name })
	c.match(func(s *stage) string {
		if s == lastBefore || s == lastAfter {
			return "the last"
		}
		return ""
	})
	c.match(func(s *stage) string {
		if s.reading == c.before && s.Name != "" || s == lastAfter {
			return ""
		}
		return firstWord(s.From)
	})
}

// match pairs the stages that have no counterpart yet by a key, in their order. Those
// with the key "" stay alone.
func (c *comparison) match(key func(*stage) string) {
	open := map[string][]*stage{}
	for _, b := range c.before.stages {
		if k := key(b); k != "" && !c.paired[b.Index] {
			open[k] = append(open[k], b)
		}
	}
	for _, a := range c.after.stages {
		k := key(a)
		if k == "" || c.pairs[a.Index] >= 0 || len(open[k]) == 0 {
			continue
		}
		b := open[k][0]
		open[k] = open[k][1:]
		c.pairs[a.Index], c.paired[b.Index] = b.Index, true
	}
}

// counterpart is the stage before the rewrite that a stage after it is, or nil.
func (c *comparison) counterpart(after *stage) *stage {
	if i := c.pairs[after.Index]; i >= 0 {
		return c.before.stages[i]
	}
	return nil
}

// stageID names a stage of either text by its place before the rewrite.
func (c *comparison) stageID(s *build.Stage) string {
	if s.Model() == c.before.model {
		return fmt.Sprint("stage ", s.Index)
	}
	if i := c.pairs[s.Index]; i >= 0 {
		return fmt.Sprint("stage ", i)
	}
	return fmt.Sprint("new stage ", s.Index)
}

func (c *comparison) names() {
	seen := bag{}
	for _, s := range c.before.stages {
		seen[s.Name]++
	}
	names := bag{}
	for _, s := range c.after.stages {
		names[s.Name]++
		if s.Name != "" && names[s.Name] > max(1, seen[s.Name]) {
			c.differs("two stages are called %s", s.Name)
		}
	}
	for _, s := range c.before.stages {
		if s.Name != "" && !names.take(s.Name) {
			c.differs("the stage %s is gone", s.Name)
		}
	}
	if name := lastName(c.before); name != "" && name != lastName(c.after) {
		c.differs("the last stage is not %s any more", name)
	}
}

func lastName(r *Reading) string {
	if s := r.last(); s != nil {
		return s.Name
	}
	return ""
}

// arguments checks that every ARG is still declared, with its default: it is what
// a build may set.
func (c *comparison) arguments() {
	kept := bag{}
	for _, text := range c.after.arguments() {
		kept[text]++
	}
	for _, text := range c.before.arguments() {
		if !kept.take(text) {
			c.differs("ARG %s is lost or has another default", text)
		}
	}
}

func (r *Reading) arguments() []string {
	var texts []string
	for _, inst := range r.file.Instructions {
		if inst.Name != "ARG" {
			continue
		}
		for _, p := range inst.Pairs() {
			text := p.Name
			if p.HasValue {
				text += "=" + p.Value
			}
			texts = append(texts, text)
		}
	}
	return texts
}

// outside returns what the stage's --from options name that is no stage of the
// file.
func (s *stage) outside() []string {
	var refs []string
	for _, inst := range s.Instructions {
		if inst.Trigger == nil {
			continue
		}
		refs = append(refs, s.outsideOf(inst.Trigger)...)
	}
	for _, item := range s.copies {
		if item.From != "" && item.Stage == nil {
			refs = append(refs, item.From)
		}
	}
	for _, r := range s.runs {
		for _, m := range r.mounts {
			if m.source != "" && m.from == nil {
				refs = append(refs, m.source)
			}
		}
	}
	return refs
}

func (s *stage) outsideOf(inst *syntax.Instruction) []string {
	ref := inst.FlagValue("from")
	if ref == "" || s.Model().StageBy(strings.ToLower(ref), s.Index) != nil {
		return nil
	}
	return []string{ref}
}

// images compares every image that someone may build from the file: the last
// stage, builders' targets, and stages that nothing else uses.
func images(c *comparison) {
	for _, after := range c.after.stages {
		before := c.counterpart(after)
		switch {
		case before != nil && before.IsImage():
			if !c.onlyRuns || before.Index != after.Index { // else no instruction that configures it differs
				c.compareConfig(before, after)
			}
			c.packages(before, after)
			c.copies(before, after)
		case before == nil && after.IsImage():
			c.differs("the stage %s is not used by any other", stageName(after))
		}
	}
	for _, before := range c.before.stages {
		if before.IsImage() && !c.paired[before.Index] {
			c.differs("the image of stage %s is gone", stageName(before))
		}
	}
}

func stageName(s *stage) string {
	if s.Name != "" {
		return s.Name
	}
	return fmt.Sprint(s.Index)
}
