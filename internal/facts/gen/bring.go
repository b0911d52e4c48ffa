package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
)

// What comes along with a package: what it depends on, directly or not, and what
// apt adds because one of these recommends it. Of alternatives the first that the
// release has counts, as it does for apt on an empty image.
//
// Only packages that hold one of [facts.Programs] or are [facts.SilentlyUsed] count,
// and of those none that the base image has.

// bringRows has one row for each program, "/unzip", and for each package of any
// release that brings something along, in the order of their names. A cell is the
// number of a set, "" stands for none. The sets come first, a line each, from "0"
// on: the packages that it depends on, a tab, those that only recommendations
// bring. A program's set is that of the packages that hold it.
func (d distribution) bringRows(indices []*index) []string {
	numbers := map[string]string{}
	var sets []string
	number := func(set string) string {
		if set == "\t" {
			return ""
		}
		n, known := numbers[set]
		if !known {
			n = strconv.Itoa(len(sets))
			numbers[set] = n
			sets = append(sets, set)
		}
		return n
	}
	cells := map[string][]string{}
	for column, x := range indices {
		put := func(key, set string) {
			if set = number(set); set == "" {
				return
			}
			if cells[key] == nil {
				cells[key] = make([]string, len(indices))
			}
			cells[key][column] = set
		}
		holders := x.holders()
		for _, program := range facts.Programs {
			put("/"+program, strings.Join(x.holdersOf(program), " ")+"\t")
		}
		for _, name := range slices.Sorted(maps.Keys(x.packages)) {
			if !x.packages[name].isNamed() {
				continue
			}
			depends, all := x.closure(name, (*debPackage).needs), x.closure(name, (*debPackage).wants)
			put(name, among(holders, depends, map[string]bool{name: true})+"\t"+among(holders, all, depends))
		}
	}
	rows := []string{"#brings" + d.columns()}
	rows = append(rows, sets...)
	rows = append(rows, "")
	for _, key := range slices.Sorted(maps.Keys(cells)) {
		row := cells[key]
		if !slices.ContainsFunc(row, func(cell string) bool { return cell != row[0] }) {
			row = row[:1] // the same in each release
		}
		rows = append(rows, key+"\t"+strings.Join(row, "\t"))
	}
	return rows
}

// holdersOf are the packages that hold a program, or the one of its name that
// depends on one of them: python3 on python3-minimal.
func (x *index) holdersOf(program string) []string {
	if p := x.packages[program]; p != nil && !x.base[program] {
		for _, d := range p.depends {
			if slices.Contains(x.programs[program], d.name) {
				return []string{program}
			}
		}
	}
	var names []string
	for _, name := range x.programs[program] {
		if p := x.packages[name]; p != nil && !x.base[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// holders are all packages that count.
func (x *index) holders() map[string]bool {
	holders := map[string]bool{}
	for _, name := range facts.SilentlyUsed {
		holders[name] = true
	}
	for _, program := range facts.Programs {
		for _, name := range x.holdersOf(program) {
			holders[name] = true
		}
	}
	return holders
}

// among lists those of the packages that hold programs, without some.
func among(holders, packages, without map[string]bool) string {
	var names []string
	for name := range packages {
		if holders[name] && !without[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// needs are the packages that apt installs with one without recommended packages.
func (p *debPackage) needs() []dependency { return p.depends }

// wants are the packages that apt installs with one.
func (p *debPackage) wants() []dependency { return slices.Concat(p.depends, p.recommends) }

// closure is what apt installs for a package, the package among it.
func (x *index) closure(name string, relations func(*debPackage) []dependency) map[string]bool {
	got := map[string]bool{}
	for todo := []string{name}; len(todo) > 0; {
		name, todo = todo[len(todo)-1], todo[:len(todo)-1]
		p := x.packages[name]
		if p == nil || got[name] || x.base[name] {
			continue
		}
		got[name] = true
		todo = append(todo, x.chosen(relations(p))...)
	}
	return got
}

// chosen is, of each relation, the first alternative that the release has.
func (x *index) chosen(relations []dependency) []string {
	var names []string
	done := false
	for _, d := range relations {
		if !d.isAlternative {
			done = false
		}
		if done {
			continue
		}
		if x.packages[d.name] != nil {
			names, done = append(names, d.name), true
		} else if providers := x.providers[d.name]; len(providers) > 0 {
			done = true
			if !slices.ContainsFunc(providers, func(name string) bool { return x.base[name] }) {
				names = append(names, slices.Min(providers))
			}
		}
	}
	return names
}

// unnamed are the sections whose packages nobody installs by name in a Dockerfile.
var unnamed = []string{
	"debug", "doc", "localization", "haskell", "rust", "ocaml", "golang", "javascript", "java", "kde", "gnome", "xfce", "games", "gnu-r",
	"tasks", "introspection", "lisp", "fonts", "hamradio", "electronics", "zope", "gnustep", "cli-mono", "news", "translations", "perl", "ruby", "sound", "education", "oldlibs", "science", "math", "comm",
}

// isNamed reports whether Dockerfiles may name the package.
func (p *debPackage) isNamed() bool {
	section := p.section[strings.LastIndexByte(p.section, '/')+1:]
	return !slices.Contains(unnamed, section) && !strings.HasSuffix(p.name, "-doc") && !strings.HasSuffix(p.name, "-dbg")
}
