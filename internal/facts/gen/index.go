package main

import (
	"bufio"
	"io"
	"strings"
)

// A debPackage is what the rule needs of one stanza of a Packages file.
type debPackage struct {
	name, source, version, section, priority string
	depends, recommends                      []dependency // depends: Pre-Depends and Depends
	provides                                 []string
}

// A dependency is one alternative of one relationship, as deb-control names them.
type dependency struct {
	name          string
	exactly       string // the version in (= version), else ""
	isAlternative bool   // stands after a |
}

// An index is one release's packages for amd64.
type index struct {
	packages  map[string]*debPackage
	providers map[string][]string // virtual package to the packages that provide it
	base      map[string]bool     // what the image of the release has already
	programs  map[string][]string // program to the packages that hold it; see contents.go
}

func newIndex() *index {
	return &index{packages: map[string]*debPackage{}, providers: map[string][]string{}, programs: map[string][]string{}}
}

// read adds a Packages file: https://wiki.debian.org/DebianRepository/Format#A.22Packages.22_Indices.
func (x *index) read(r io.Reader) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 1<<20), 1<<24) // the longest field known is about 100 kB
	p := &debPackage{}
	for scanner.Scan() {
		line := scanner.Text()
		if line == "" {
			x.add(p)
			p = &debPackage{}
			continue
		}
		field, value, _ := strings.Cut(line, ": ")
		p.set(field, value)
	}
	x.add(p)
	return scanner.Err()
}

func (p *debPackage) set(field, value string) {
	switch field {
	case "Package":
		p.name = value
	case "Source":
		p.source, _, _ = strings.Cut(value, " ")
	case "Version":
		p.version = value
	case "Section":
		p.section = value
	case "Priority":
		p.priority = value
	case "Depends", "Pre-Depends":
		p.depends = append(p.depends, parseDependencies(value)...)
	case "Recommends":
		p.recommends = parseDependencies(value)
	case "Provides":
		for _, d := range parseDependencies(value) {
			p.provides = append(p.provides, d.name)
		}
	}
}

func (x *index) add(p *debPackage) {
	if p.name == "" {
		return
	}
	if p.source == "" {
		p.source = p.name
	}
	x.packages[p.name] = p
	for _, virtual := range p.provides {
		x.providers[virtual] = append(x.providers[virtual], p.name)
	}
}

// parseDependencies reads `libc6 (>= 2.34), libpq5 (= 15.3), a | b, python3:any`.
func parseDependencies(field string) []dependency {
	var out []dependency
	for relation := range strings.SplitSeq(field, ",") {
		for i, alternative := range strings.Split(relation, "|") {
			name, constraint, _ := strings.Cut(strings.TrimSpace(alternative), " ")
			name, _, _ = strings.Cut(name, ":")
			d := dependency{name: name, isAlternative: i > 0}
			if version, ok := strings.CutPrefix(strings.Trim(constraint, "() "), "="); ok {
				d.exactly = strings.TrimSpace(version)
			}
			out = append(out, d)
		}
	}
	return out
}

// lookup finds the package of that name, or the only one that provides it.
func (x *index) lookup(name string) *debPackage {
	if p := x.packages[name]; p != nil {
		return p
	}
	if only := x.providers[name]; len(only) == 1 {
		return x.packages[only[0]]
	}
	return nil
}

// baseImage is what debian:<release>-slim has: debuerreotype makes it with
// debootstrap --variant=minbase, which is every package of priority required,
// apt, and what they depend on. (Priority important is not part of minbase.)
// ubuntu:<release> has a little more.
func (x *index) baseImage() map[string]bool {
	base := map[string]bool{}
	var add func(p *debPackage)
	add = func(p *debPackage) {
		if p == nil || base[p.name] {
			return
		}
		base[p.name] = true
		for _, d := range p.depends {
			if !d.isAlternative {
				add(x.lookup(d.name))
			}
		}
	}
	add(x.packages["apt"])
	for _, p := range x.packages {
		if p.priority == "required" {
			add(p)
		}
	}
	return base
}
