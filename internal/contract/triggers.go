package contract

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A trigger is an ONBUILD of an image: what it is, and for a RUN the file that
// an image built on this one stands for.
type trigger struct {
	setting string
	file    string
}

func (s *stage) trigger(inst *syntax.Instruction) trigger {
	t := trigger{setting: s.setting(inst)}
	if inst == nil || inst.Name != "RUN" || len(inst.Heredocs) > 0 {
		return t
	}
	var text strings.Builder
	if inst.File().Escape == '`' {
		text.WriteString("# escape=`\n")
	}
	text.WriteString("FROM scratch\n")
	if shell := s.shellAt(inst); shell != "" {
		text.WriteString("SHELL " + shell + "\n")
	}
	text.WriteString(inst.Text() + "\n")
	t.file = text.String()
	return t
}

// compareTriggers checks that the images built on this one are built as before: a
// RUN is held against the one before it by the rules of any RUN, and leaves the
// package lists that it left.
func (c *comparison) compareTriggers(before, after []trigger) {
	if len(before) != len(after) {
		c.differs("ONBUILD is not the same")
		return
	}
	for i, b := range before {
		a := after[i]
		switch {
		case a.setting == b.setting:
		case a.file == "" || b.file == "":
			c.differs("ONBUILD is not the same")
		default:
			then, now := c.readText(b.file), c.readText(a.file)
			if err := then.Permits(now, c.changes); err != nil {
				c.differs("ONBUILD: %s", err)
				continue
			}
			for _, name := range sorted(needsUpdate) {
				if m := pkgmgr.ByName(name); now.last().lists.of(m) < then.last().lists.of(m) {
					c.differs("ONBUILD leaves no package lists of %s any more", name)
				}
			}
		}
	}
}

func (c *comparison) readText(text string) *Reading {
	file := syntax.Parse(source.New("ONBUILD", text))
	return Read(file, build.New(file, build.Options{}), nil, c.before.accepted)
}
