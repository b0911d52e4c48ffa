package build

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/syntax"
)

// Bottom is the stage at the end of s's chain of bases: the one whose FROM names
// an image from outside the file.
func (s *Stage) Bottom() *Stage {
	if s.Base == nil {
		return s
	}
	return s.bottom
}

// Chain returns the stages that s is built on, itself last.
func (s *Stage) Chain() []*Stage {
	if s.Base == nil {
		return []*Stage{s}
	}
	return append(s.Base.Chain(), s)
}

// Last returns the last instruction of that name in the stage or its bases, the
// one that counts for CMD, ENTRYPOINT, HEALTHCHECK, STOPSIGNAL; nil if there is
// none.
func (s *Stage) Last(name string) *syntax.Instruction {
	for ; s != nil; s = s.Base {
		for i := len(s.Instructions) - 1; i >= 0; i-- {
			if s.Instructions[i].Name == name {
				return s.Instructions[i]
			}
		}
	}
	return nil
}

// IsKept reports whether an image keeps the layers of the stage: it is the last
// stage, a builder's target, the base of a kept one, or a stage that nothing else
// in the file uses, which only a --target can be for. What another stage merely
// copies from is not kept.
func (s *Stage) IsKept() bool { return s.model.uses()[s.Index].kept }

// IsImage reports whether someone may build the stage for itself: it is the last
// stage, a builder's target, or a stage that nothing else in the file uses.
func (s *Stage) IsImage() bool { return s.model.uses()[s.Index].image }

// use is what becomes of a stage.
type use struct {
	based  bool // another stage is built on it
	copied bool // an instruction takes files out of it
	kept   bool // see IsKept
	image  bool // see IsImage
}

// uses tells of every stage what becomes of it. It is worked out once.
func (m *Model) uses() []use {
	if m.used != nil {
		return m.used
	}
	m.used = make([]use, len(m.Stages))
	for _, s := range slices.Backward(m.Stages) { // what uses a stage stands behind it
		u := &m.used[s.Index]
		u.image = s == m.Last() || m.isTarget(s) || !u.based && !u.copied
		u.kept = u.kept || u.image
		if s.Base != nil {
			base := &m.used[s.Base.Index]
			base.based, base.kept = true, base.kept || u.kept
		}
		for _, inst := range s.Instructions {
			for _, from := range s.takesFrom(inst) {
				m.used[from.Index].copied = true
			}
		}
	}
	return m.used
}

func (m *Model) isTarget(s *Stage) bool {
	for _, t := range m.options.Targets {
		if m.StageBy(t, len(m.Stages)) == s {
			return true
		}
	}
	return false
}

// takesFrom returns the stages that an instruction takes files out of.
func (s *Stage) takesFrom(inst *syntax.Instruction) []*Stage {
	if inst.Trigger != nil {
		inst = inst.Trigger
	}
	var all []*Stage
	take := func(ref string) {
		if from := s.stageOf(ref); from != nil {
			all = append(all, from)
		}
	}
	for _, f := range inst.Flags {
		switch f.Name {
		case "from":
			take(f.Value)
		case "mount":
			for _, option := range strings.Split(f.Value, ",") {
				if value, ok := strings.CutPrefix(option, "from="); ok {
					take(value)
				}
			}
		}
	}
	return all
}

// stageOf returns the stage that a --from in s names, by name or number.
func (s *Stage) stageOf(ref string) *Stage {
	if x := s.model.global.expansion(ref, s.model.words); x.Known {
		ref = x.Text
	}
	return s.model.StageBy(ref, s.Index)
}

// StageBy returns the stage before index that ref names, by name or number, or
// nil.
func (m *Model) StageBy(ref string, index int) *Stage {
	if s := m.stageNamed(ref, index); s != nil {
		return s
	}
	n := 0
	for _, c := range ref {
		if c < '0' || c > '9' || n > len(m.Stages) {
			return nil
		}
		n = n*10 + int(c-'0')
	}
	if ref == "" || n >= index {
		return nil
	}
	return m.Stages[n]
}
