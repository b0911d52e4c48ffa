package contract

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A placed is a command, a package or a copy at its place in a stage.
type placed struct {
	key   placedKey
	text  string
	inst  *syntax.Instruction
	copy  *copyItem // nil for a command or a package
	reads bool      // it may read what was copied before it
}

// A placedKey tells one placed from others of its kind.
type placedKey struct {
	kind string // RUN, COPY, or the package manager of an install
	what string
	how  string // the options of an install
}

// String names it for people.
func (p placed) String() string {
	if p.copy != nil || p.key.kind == "RUN" {
		return p.text
	}
	return "install of " + p.text
}

// order checks that the commands and copies of every stage run in the order that
// they had, but for instructions that are declared to move.
func order(c *comparison) {
	isBase := map[*build.Stage]bool{}
	for _, after := range c.after.stages {
		isBase[after.Base] = true
	}
	for _, after := range c.after.stages {
		if isBase[after.Stage] {
			continue // its sequence is a part of that of the stages on it
		}
		now := c.sequence(after)
		then := c.sequenceBefore(after, now)
		if slices.EqualFunc(then, now, func(b, a placed) bool { return b.key == a.key }) {
			continue // each has before it what it had
		}
		c.compareOrder(then, now)
		c.compareInputs(then, now)
	}
}

// sequenceBefore is the sequence of the stage's counterpart; of the stage that it
// shares most with if it is new.
func (c *comparison) sequenceBefore(after *stage, now []placed) []placed {
	if b := c.counterpart(after); b != nil {
		return c.sequence(b)
	}
	keys := map[placedKey]bool{}
	for _, p := range now {
		keys[p.key] = true
	}
	var best []placed
	most := 0
	for _, b := range c.before.stages {
		then := c.sequence(b)
		shared := 0
		for _, p := range then {
			if keys[p.key] {
				shared++
			}
		}
		if shared > most {
			most, best = shared, then
		}
	}
	return best
}

func (c *comparison) sequence(s *stage) []placed {
	var all []placed
	for _, st := range s.chain() {
		runs, copies := st.runs, st.copies
		for len(runs) > 0 || len(copies) > 0 {
			if len(copies) == 0 || len(runs) > 0 && runs[0].inst.Span.Start < copies[0].inst.Span.Start {
				all = runs[0].appendPlaced(all)
				runs = runs[1:]
				continue
			}
			item := &copies[0]
			all = append(all, placed{
				key:  placedKey{kind: "COPY", what: item.key(c.origin(item))},
				text: item.inst.Name + " " + item.written,
				inst: item.inst,
				copy: item,
			})
			copies = copies[1:]
		}
	}
	return all
}

func (r *run) appendPlaced(all []placed) []placed {
	for _, cmd := range r.commands {
		switch cmd.role {
		case plain, opaque:
			all = append(all, placed{key: placedKey{kind: "RUN", what: cmd.text}, text: cmd.text, inst: r.inst, reads: true})
		case install:
			for _, p := range cmd.items() {
				all = append(all, placed{
					key:  placedKey{p.manager.Name, p.operand, p.options},
					text: p.String(),
					inst: r.inst,
					// A distribution's package comes from a file only by its path.
					reads: !p.manager.System || strings.Contains(p.operand, "/"),
				})
			}
		}
	}
	return all
}

// compareOrder looks for what was there, one after the other, in what is there
// now. What is new, and what is there more often than before, is passed over.
func (c *comparison) compareOrder(then, now []placed) {
	places := map[placedKey][]int{}
	for i, p := range now {
		places[p.key] = append(places[p.key], i)
	}
	surplus := map[placedKey]int{} // how often a key may be missing
	for _, p := range then {
		surplus[p.key]++
	}
	for key := range surplus {
		surplus[key] -= len(places[key])
	}
	at := -1
	for _, p := range then {
		left := places[p.key]
		if len(left) == 0 || c.declaresMove(p.inst) || c.declaresMove(now[left[0]].inst) {
			continue
		}
		if surplus[p.key] > 0 && c.declared.has(fix.DropCommand, p.String()) {
			continue // which of several is left is not to be told
		}
		n, _ := slices.BinarySearch(left, at+1)
		switch {
		case n < len(left):
			at = left[n]
			places[p.key] = left[n+1:]
		case surplus[p.key] > 0:
			surplus[p.key]--
		default:
			c.differs("%q runs before %q, which it followed", brief(p.String()), brief(now[at].String()))
			return
		}
	}
}

// compareInputs checks that each command still has before it, in its own stage,
// the copies that it had: a new stage may have been given too few of them. Without a
// new stage, the first ones of a command that is there more often than before are
// what another command has become.
func (c *comparison) compareInputs(then, now []placed) {
	first, more := map[placedKey]int{}, map[placedKey]int{}
	for _, p := range now {
		more[p.key]++
	}
	var copies []int
	for i, p := range then {
		more[p.key]--
		if _, seen := first[p.key]; !seen {
			first[p.key] = i
		}
		if p.copy != nil && !c.declaresMove(p.inst) && !c.declared.has(fix.DropCopy, p.copy.written, p.copy.path) {
			copies = append(copies, i)
		}
	}
	have := map[placedKey]bool{}
	for _, p := range now {
		if p.copy != nil {
			have[p.key] = true
			continue
		}
		for len(copies) > 0 && have[then[copies[0]].key] {
			copies = copies[1:]
		}
		if more[p.key] > 0 && len(c.after.stages) == len(c.before.stages) {
			more[p.key]--
			continue
		}
		at, known := first[p.key]
		if !p.reads || !known || len(copies) == 0 || copies[0] > at || c.declaresMove(p.inst) || c.declaresMove(then[at].inst) {
			continue
		}
		c.differs("%q runs without the %q that stood before it", brief(p.String()), brief(then[copies[0]].String()))
		return
	}
}

// declaresMove reports whether a change declares that the instruction moves.
func (c *comparison) declaresMove(inst *syntax.Instruction) bool {
	return c.declared.any(fix.MoveInstruction) &&
		c.declared.has(fix.MoveInstruction, inst.Text(), inst.File().Slice(inst.Command), inst.Name+" "+inst.Args.Text)
}
