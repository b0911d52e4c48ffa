package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A pair is one commit of a maintainer's: a Dockerfile before and after.
type pair struct {
	Path  string // <class>/<owner>__<repo>__<sha>
	files map[string]string
	meta  meta
}

// meta is what meta.json says and the scorer needs.
type meta struct {
	Path       string   `json:"path"` // of the Dockerfile in the repository
	ContextDir string   `json:"context_dir"`
	Languages  []string `json:"languages"`
	WhatBroke  string   `json:"what_broke"`
	OfClass    string   `json:"of_class"`
}

func (p pair) class() string { return path.Dir(p.Path) }

// readPairs reads gold.tar.gz, sorted by path.
func readPairs(dir string) ([]pair, error) {
	pairs := map[string]*pair{}
	err := walkArchive(filepath.Join(dir, "gold.tar.gz"), func(name, text string) {
		parts := strings.SplitN(strings.TrimPrefix(path.Clean(name), "gold/"), "/", 3)
		if len(parts) < 3 {
			return
		}
		key := parts[0] + "/" + parts[1]
		if pairs[key] == nil {
			pairs[key] = &pair{Path: key, files: map[string]string{}}
		}
		pairs[key].files[parts[2]] = text
	})
	if err != nil {
		return nil, err
	}
	var sorted []pair
	for _, p := range pairs {
		if err := json.Unmarshal([]byte(p.files["meta.json"]), &p.meta); err != nil {
			return nil, fmt.Errorf("%s/meta.json: %w", p.Path, err)
		}
		sorted = append(sorted, *p)
	}
	slices.SortFunc(sorted, func(a, b pair) int { return strings.Compare(a.Path, b.Path) })
	return sorted, nil
}

// context is the build context of the pair: all of its paths, and the texts of
// some.
func (p pair) context() (*project.Context, error) {
	texts := fstest.MapFS{}
	if p.class() == "B" { // what a program reads decides what it needs
		emptySources(texts, strings.Split(p.files["paths.txt"], "\n"))
	}
	for name, text := range p.files {
		if rest, ok := strings.CutPrefix(name, "context/"); ok {
			texts[rest] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		}
	}
	dockerfile := p.meta.Path
	if dir := path.Clean(p.meta.ContextDir); dir != "." {
		dockerfile, _ = strings.CutPrefix(dockerfile, dir+"/")
	}
	return project.NewContext(project.PathList(strings.Split(p.files["paths.txt"], "\n"), texts), dockerfile)
}

// A rewrite is one Dockerfile of a pair and what drydock makes of it.
type rewrite struct {
	before, after string
	outcomes      []engine.Outcome
}

func (p pair) rewrite(text string, list []fix.Fixer) (rewrite, error) {
	c, err := p.context()
	if err != nil {
		return rewrite{}, fmt.Errorf("%s: %w", p.Path, err)
	}
	result, err := engine.Run(context.Background(), engine.Input{Name: "Dockerfile", Text: text, Context: c}, list)
	if err != nil {
		return rewrite{}, fmt.Errorf("%s: %w", p.Path, err)
	}
	return rewrite{text, result.Text, result.Outcomes}, nil
}

// did reports whether a fix of the fixer was applied.
func (r rewrite) did(fixer string) bool {
	return slices.ContainsFunc(r.outcomes, func(o engine.Outcome) bool { return o.Fixer == fixer && o.Status == engine.Applied })
}

// message is what a fixer says of its first fix.
func (r rewrite) message(fixer string) string {
	for _, o := range r.outcomes {
		if o.Fixer == fixer && o.Status == engine.Applied {
			return o.Message
		}
	}
	return ""
}

// why are the reasons for which the fixer left the file alone.
func (r rewrite) why(fixer string) string {
	return r.reasons(fixer, func(text string) string { return text })
}

func (r rewrite) reasons(fixer string, as func(string) string) string {
	var reasons []string
	for _, o := range r.outcomes {
		if o.Fixer == fixer && o.Status != engine.Applied {
			reasons = append(reasons, string(o.Status)+": "+as(o.Reason))
		}
	}
	if len(reasons) == 0 {
		return "nothing found"
	}
	return strings.Join(slices.Compact(reasons), "; ")
}

// A score says how a rewrite compares with the maintainer's.
type score struct {
	differs []string // what is done otherwise; empty for agreement
	also    []string // what is done beyond the maintainer's, for reading
}

// A contest is a class of pairs in which a fixer is compared with maintainers.
type contest struct {
	class, title, fixer string
	compare             func(p pair, before, ours, theirs *build.Model) score
}

var contests = []contest{
	{"A", "numeric user", "numeric-user", compareUsers},
	{"B", "multi-stage", "multistage", compareStages},
	{"C", "dependency copy", "dependency-copy", compareCopies},
	{"D", "package clean-up", "package-cleanup", compareCleanup},
}

// agreed is the share of agreement, where a change is made, to aim at.
const agreed = 0.9

// gold compares drydock with what maintainers did.
func gold(o options, list []fix.Fixer, out io.Writer) error {
	pairs, err := readPairs(o.corpus)
	if err != nil {
		return err
	}
	pairs = slices.DeleteFunc(pairs, func(p pair) bool { return !strings.Contains(p.Path, o.match) })
	for _, c := range contests {
		if err := c.run(o, pairs, list, out); err != nil {
			return err
		}
	}
	if err := traps(o, pairs, list, out); err != nil {
		return err
	}
	return others(out, pairs, list)
}

func (c contest) run(o options, pairs []pair, list []fix.Fixer, out io.Writer) error {
	var lines []string
	var recalled recall
	n, made, same := 0, 0, 0
	for _, p := range pairs {
		if p.class() != c.class {
			continue
		}
		n++
		ours, err := p.rewrite(p.files["before.Dockerfile"], list)
		if err != nil {
			lines = append(lines, "  refused   "+err.Error())
			continue
		}
		theirs := p.files["after.Dockerfile"]
		if !ours.did(c.fixer) {
			lines = append(lines, fmt.Sprintf("  abstained %s: %s", p.Path, ours.why(c.fixer)))
			continue
		}
		made++
		s := c.compare(p, model(ours.before), model(ours.after), model(theirs))
		if c.fixer == "multistage" {
			s.also = append(s.also, recalled.count(model(ours.before), model(ours.after), model(theirs))...)
		}
		switch {
		case len(s.differs) > 0:
			lines = append(lines, fmt.Sprintf("  DIFFERS   %s: %s", p.Path, strings.Join(s.differs, "; ")))
		default:
			same++
			lines = append(lines, fmt.Sprintf("  agrees    %s", p.Path))
		}
		if len(s.also) > 0 {
			lines = append(lines, "              also: "+strings.Join(s.also, "; "))
		}
		if o.show != "" {
			lines = append(lines, pairDiffs(p, ours.after, theirs))
		}
	}
	fmt.Fprintf(out, "\n%s %s: %d pairs, %d changed by %s, %d agree (%s), %d abstained\n",
		c.class, c.title, n, made, c.fixer, same, percent(same, made), n-made)
	if c.fixer == "multistage" {
		fmt.Fprintln(out, "  recall:", recalled)
	}
	for _, l := range lines {
		fmt.Fprintln(out, l)
	}
	return nil
}

func percent(part, whole int) string {
	if whole == 0 {
		return "no change made"
	}
	share := float64(part) / float64(whole)
	met := "met"
	if share < agreed {
		met = "MISSED"
	}
	return fmt.Sprintf("%.0f%%, aim %.0f%% %s", 100*share, 100*agreed, met)
}

func model(text string) *build.Model {
	return build.New(syntax.Parse(source.New("Dockerfile", text)), build.Options{})
}

// others tells what becomes of the classes that no fixer of today is for.
func others(out io.Writer, pairs []pair, list []fix.Fixer) error {
	for _, class := range []string{"E", "F", "G"} {
		n, changed := 0, 0
		for _, p := range pairs {
			if p.class() != class {
				continue
			}
			n++
			ours, err := p.rewrite(p.files["before.Dockerfile"], list)
			if err == nil && ours.after != ours.before {
				changed++
			}
		}
		fmt.Fprintf(out, "\n%s: %d pairs, %d changed (for information)\n", class, n, changed)
	}
	return nil
}
