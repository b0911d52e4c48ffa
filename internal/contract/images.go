package contract

import (
	"fmt"
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
	before, after := c.before.stages, c.after.stages
	c.pairs = make([]int, len(after))
	taken := make([]bool, len(before))
	match := func(same func(b, a *stage) bool) {
		for _, a := range after {
			for _, b := range before {
				if c.pairs[a.Index] < 0 && !taken[b.Index] && same(b, a) {
					c.pairs[a.Index], taken[b.Index] = b.Index, true
				}
			}
		}
	}
	for i := range c.pairs {
		c.pairs[i] = -1
	}
	lastBefore, lastAfter := c.before.last(), c.after.last()
	match(func(b, a *stage) bool { return b.Name != "" && b.Name == a.Name })
	match(func(b, a *stage) bool { return b == lastBefore && a == lastAfter })
	match(func(b, a *stage) bool {
		return b.Name == "" && a != lastAfter && firstWord(b.From) == firstWord(a.From)
	})
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
		if before.IsImage() && !c.isPaired(before) {
			c.differs("the image of stage %s is gone", stageName(before))
		}
	}
}

func (c *comparison) isPaired(before *stage) bool {
	for _, i := range c.pairs {
		if i == before.Index {
			return true
		}
	}
	return false
}

func stageName(s *stage) string {
	if s.Name != "" {
		return s.Name
	}
	return fmt.Sprint(s.Index)
}
