package build

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/syntax"
)

// Bottom is the stage at the end of s's chain of bases: the one whose FROM names
// an image from outside the file.
func (s *Stage) Bottom() *Stage {
	for s.Base != nil {
		s = s.Base
	}
	return s
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
func (s *Stage) IsKept() bool {
	m := s.model
	if s == m.Last() || m.isTarget(s) {
		return true
	}
	used := false
	for _, other := range m.Stages[s.Index+1:] {
		if other.Base == s {
			if other.IsKept() {
				return true
			}
			used = true
		}
	}
	return !used && !m.isCopiedFrom(s)
}

// IsImage reports whether someone may build the stage for itself: it is the last
// stage, a builder's target, or a stage that nothing else in the file uses.
func (s *Stage) IsImage() bool {
	m := s.model
	if s == m.Last() || m.isTarget(s) {
		return true
	}
	for _, other := range m.Stages[s.Index+1:] {
		if other.Base == s {
			return false
		}
	}
	return !m.isCopiedFrom(s)
}

func (m *Model) isTarget(s *Stage) bool {
	for _, t := range m.options.Targets {
		if m.StageBy(t, len(m.Stages)) == s {
			return true
		}
	}
	return false
}

// isCopiedFrom reports whether an instruction takes files out of the stage.
func (m *Model) isCopiedFrom(s *Stage) bool {
	for _, other := range m.Stages[s.Index+1:] {
		for _, inst := range other.Instructions {
			if other.takesFrom(inst, s) {
				return true
			}
		}
	}
	return false
}

func (s *Stage) takesFrom(inst *syntax.Instruction, from *Stage) bool {
	if inst.Trigger != nil {
		inst = inst.Trigger
	}
	for _, f := range inst.Flags {
		switch f.Name {
		case "from":
			if s.stageOf(f.Value) == from {
				return true
			}
		case "mount":
			for _, option := range strings.Split(f.Value, ",") {
				if value, ok := strings.CutPrefix(option, "from="); ok && s.stageOf(value) == from {
					return true
				}
			}
		}
	}
	return false
}

// stageOf returns the stage that a --from in s names, by name or number.
func (s *Stage) stageOf(ref string) *Stage {
	if x := s.model.global.expansion(ref, s.model.File.Escape); x.Known {
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
