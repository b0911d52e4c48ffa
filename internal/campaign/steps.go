package campaign

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/report"
)

// steps lists the commits that a changeset makes.
func (o Options) steps(ctx context.Context, c *Changeset, tree fs.FS) ([]Step, error) {
	one := []Step{{Message: message(c.Proposal.Title, c.Rewriting.Reports()), Files: texts(c.Rewriting)}}
	if o.Commits == OneCommit {
		return one, nil
	}
	var steps []Step
	last := map[string]string{}
	done := map[string]bool{}
	for _, f := range o.Fixers {
		if done[f.Name] {
			continue
		}
		done[f.Name] = true
		for _, other := range o.Fixers {
			done[other.Name] = done[other.Name] || other.Completes == f.Name
		}
		r := o.rewriter(tree, kept(o.Fixers, done))
		r.takenBack = c.Rewriting.takenBack()
		partial, err := r.all(ctx)
		if err != nil {
			return nil, err
		}
		step := Step{Message: message("Dockerfile: "+strings.ToLower(f.Doc.Title[:1])+f.Doc.Title[1:], ofFixer(partial, f.Name))}
		for _, text := range partial.Texts() {
			before, known := last[text.Path]
			if !known {
				before = text.Before
			}
			if text.After != before {
				step.Files = append(step.Files, git.File{Path: text.Path, Text: text.After})
				last[text.Path] = text.After
			}
		}
		if len(step.Files) > 0 {
			steps = append(steps, step)
		}
	}
	for _, text := range c.Rewriting.Texts() {
		// Without what was taken back a fixer may do other things alone than among
		// the others.
		if last[text.Path] != text.After {
			return one, nil
		}
	}
	return steps, nil
}

// kept are the fixers of those names.
func kept(fixers []fix.Fixer, names map[string]bool) []fix.Fixer {
	return slices.DeleteFunc(slices.Clone(fixers), func(f fix.Fixer) bool { return !names[f.Name] })
}

func texts(r Rewriting) []git.File {
	var all []git.File
	for _, text := range r.Texts() {
		all = append(all, git.File{Path: text.Path, Text: text.After})
	}
	return all
}

// ofFixer keeps the outcomes of one fixer.
func ofFixer(r Rewriting, name string) []report.File {
	all := r.Reports()
	for i := range all {
		var kept []report.Outcome
		for _, o := range all[i].Outcomes {
			if o.Fixer == name {
				kept = append(kept, o)
			}
		}
		all[i].Outcomes = kept
	}
	return all
}

// message is that of a commit, with a line for each fix.
func message(title string, files []report.File) string {
	var out strings.Builder
	out.WriteString(title + "\n\n")
	for _, f := range files {
		for _, o := range f.Outcomes {
			if o.Status == report.Applied {
				fmt.Fprintf(&out, "%s:%d: %s\n", f.Path, o.Line, o.Message)
			}
		}
	}
	return out.String()
}

// holds reports whether a tree has a file with that text.
func holds(tree fs.FS, name, text string) bool {
	found, err := project.ReadFile(tree, name)
	return err == nil && found == text
}

// held is holds for what a file was before: a file that was not there had no text.
func held(tree fs.FS, name, text string) bool {
	if _, err := fs.Stat(tree, name); errors.Is(err, fs.ErrNotExist) {
		return text == ""
	}
	return holds(tree, name, text)
}

// sameChanges reports whether a branch changes no Dockerfile but those that change
// now.
func sameChanges(has, had fs.FS, r Rewriting) bool {
	changes := map[string]bool{}
	for _, f := range r.Changed() {
		changes[f.Path] = true
	}
	names, _, err := project.Find(had)
	if err != nil {
		return false
	}
	for _, name := range names {
		before, err := project.ReadFile(had, name)
		if err == nil && !changes[name] && !holds(has, name, before) {
			return false
		}
	}
	return true
}
