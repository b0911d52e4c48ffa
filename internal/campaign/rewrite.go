package campaign

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/report"
)

// A File is a Dockerfile of a repository and what becomes of it.
type File struct {
	report.File
	Before, After string
	Evidence      string            // of the builds, in Markdown; "" if there were none
	Quarantined   map[string]string // reasons, by identity of the fixes that do not hold
	Broken        string            // what is wrong with its configuration, with the place; "" if nothing is
}

// A Rewriting is what becomes of a repository.
type Rewriting struct {
	Files []File
	// Others are the files beside Dockerfiles that the fixes edit, in order of
	// their paths.
	Others []engine.Other
	// Unwanted says that the repository takes no pull requests of drydock's, and
	// where it or its owner says so; "" if it does.
	Unwanted string
	// Settings are what the owner and the repository have configured.
	Settings []Setting
}

// A Setting is what a configuration says.
type Setting struct {
	File string // ".drydock.yaml", or the owner's, "acme/.github/.drydock.yaml"
	Said string // each key and its value
}

func (s Setting) String() string { return s.File + ": " + s.Said }

// Changed lists the files that change.
func (r Rewriting) Changed() []File {
	var all []File
	for _, f := range r.Files {
		if f.Status == report.Changed {
			all = append(all, f)
		}
	}
	return all
}

// Unread lists the files that could not be read, as "PATH:LINE:COLUMN: why". A
// configuration is one, however many Dockerfiles go by it.
func (r Rewriting) Unread() []string {
	var all []string
	for _, f := range r.Files {
		if f.Status != report.Failed {
			continue
		}
		line := fmt.Sprintf("%s:%d:%d: %s", f.Path, f.Error.Line, f.Error.Column, f.Error.Message)
		if f.Broken != "" {
			line = f.Broken
		}
		if !slices.Contains(all, line) {
			all = append(all, line)
		}
	}
	return all
}

// Texts lists all texts that change, of Dockerfiles and of the files beside them.
func (r Rewriting) Texts() []engine.Other {
	var all []engine.Other
	for _, f := range r.Changed() {
		if f.After != f.Before {
			all = append(all, engine.Other{Path: f.Path, Before: f.Before, After: f.After})
		}
	}
	return append(all, r.Others...)
}

// Reports are the files' reports.
func (r Rewriting) Reports() []report.File {
	all := make([]report.File, len(r.Files))
	for i, f := range r.Files {
		all[i] = f.File
	}
	return all
}

// rewriter makes one that has these fixers of all.
func (o Options) rewriter(tree fs.FS, fixers []fix.Fixer) *rewriter {
	return &rewriter{tree: tree, fixers: fixers, known: o.names(), selection: o.Selection, common: o.Common, repository: project.NewRepository(tree), configs: map[string]configured{}, left: map[string]string{}, came: map[string]string{}}
}

// names are those of all fixers.
func (o Options) names() []string {
	names := make([]string, len(o.Fixers))
	for i, f := range o.Fixers {
		names[i] = f.Name
	}
	return names
}

// all rewrites every Dockerfile.
func (r *rewriter) all(ctx context.Context) (Rewriting, error) {
	found, skipped, err := project.Find(r.tree)
	if err != nil {
		return Rewriting{}, err
	}
	var all Rewriting
	for _, s := range skipped {
		all.Files = append(all.Files, ended(s.Path, report.Skipped, &report.Error{Line: 1, Column: 1, Message: s.Reason}))
	}
	for _, name := range found {
		f, err := r.rewrite(ctx, name)
		if err != nil {
			return Rewriting{}, err
		}
		all.Files = append(all.Files, f)
	}
	for _, name := range slices.Sorted(maps.Keys(r.left)) {
		all.Others = append(all.Others, engine.Other{Path: name, Before: r.came[name], After: r.left[name]})
	}
	slices.SortFunc(all.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	r.configure(&all)
	return all, nil
}

// configure tells what the owner and the repository say of the whole repository.
func (r *rewriter) configure(all *Rewriting) {
	if r.common != nil {
		all.Settings = append(all.Settings, Setting{r.common.Path, strings.Join(r.common.Said, "; ")})
	}
	own := r.configAt(".")
	if own.err == nil && own.config.Path != "" {
		all.Settings = append(all.Settings, Setting{config.FileName, strings.Join(own.config.Said, "; ")})
	}
	switch {
	case r.common != nil && r.common.NoPulls:
		all.Unwanted = r.common.Path
	case own.err == nil && own.config.NoPulls:
		all.Unwanted = config.FileName
	}
}

// A rewriter works on one tree.
type rewriter struct {
	tree       fs.FS
	fixers     []fix.Fixer
	known      []string // all that a configuration may name
	selection  config.Selection
	common     *config.Config
	repository *project.Repository
	checkout   Checkout // nil if nothing is built
	takenBack  map[string]engine.Exclude
	configs    map[string]configured
	left, came map[string]string // the texts of the files beside Dockerfiles that have changed
}

// configured is the configuration that holds in a folder.
type configured struct {
	config *config.Config
	err    *config.Error
}

// configAt gives the configuration that holds in a folder: its own, or that of the
// nearest folder above.
func (r *rewriter) configAt(dir string) configured {
	if known, ok := r.configs[dir]; ok {
		return known
	}
	found := r.readConfig(dir)
	r.configs[dir] = found
	return found
}

func (r *rewriter) readConfig(dir string) configured {
	name := path.Join(dir, config.FileName)
	if _, err := fs.Stat(r.tree, name); err != nil {
		if dir == "." {
			return r.parse("", "")
		}
		return r.configAt(path.Dir(dir))
	}
	text, err := project.ReadFile(r.tree, name)
	if err != nil {
		return configured{err: &config.Error{Path: name, Line: 1, Column: 1, Message: err.Error()}}
	}
	return r.parse(name, text)
}

// parse reads the text of a configuration, "" for none.
func (r *rewriter) parse(name, text string) configured {
	at := ""
	if name != "" {
		at = "/" + name // the tree's root stands for the file system's, where paths are absolute
	}
	c, err := config.ParseUnder(r.common, at, []byte(text), r.known)
	var broken *config.Error
	if errors.As(err, &broken) {
		broken.Path = name
		return configured{err: broken}
	}
	return configured{config: c}
}

func ended(name string, status report.Status, err *report.Error) File {
	return File{File: report.File{Path: name, Status: status, Error: err}}
}

// rewrite rewrites one Dockerfile. The error is the context's, or an *untriedError.
func (r *rewriter) rewrite(ctx context.Context, name string) (File, error) {
	fails := func(line, column int, message string) (File, error) {
		return ended(name, report.Failed, &report.Error{Line: max(line, 1), Column: max(column, 1), Message: message}), ctx.Err()
	}
	at := r.configAt(path.Dir(name))
	if at.err != nil {
		f, err := fails(1, 1, at.err.Error())
		f.Broken = at.err.Error()
		return f, err
	}
	if by := at.config.ExcludedBy("/" + name); by != "" {
		return ended(name, report.Skipped, &report.Error{Line: 1, Column: 1, Message: "excluded by " + strings.TrimPrefix(by, "/")}), nil
	}
	text, err := project.ReadFile(r.tree, name)
	if err != nil {
		return fails(1, 1, err.Error())
	}
	if marker, ok := project.TemplateMarker(text); ok {
		return ended(name, report.Skipped, &report.Error{Line: 1, Column: 1, Message: "a template (" + marker + ")"}), nil
	}
	fixers, atLeast := r.selection.Of(at.config, r.fixers)
	around := r.around(name, text, at.config)
	settings := at.config.Settings
	settings.Images = at.config.ImagesIn("/")
	done, err := r.run(ctx, engine.Input{
		Name: name, Text: text, Context: around.Context, Build: around.Build,
		Settings: settings, AtLeast: atLeast, Suppressed: config.Suppressed,
		Repository: r.repository, Path: name, Left: r.left,
	}, around, fixers)
	var refused *engine.Refused
	var untried *untriedError
	switch {
	case errors.As(err, &untried):
		return File{}, fmt.Errorf("%s: %w", name, err)
	case errors.As(err, &refused):
		return fails(refused.Line, refused.Column, refused.Message)
	case err != nil:
		return fails(1, 1, err.Error())
	}
	if done.Unproven != "" {
		failed, err := fails(1, 1, "not proven: "+done.Unproven)
		failed.Proof = done.Proof
		return failed, err
	}
	f := File{Before: text, After: done.Text, Evidence: done.Evidence, File: report.File{Path: name, Context: around.Dir, Status: report.Unchanged}}
	f.Outcomes, f.Proof = report.Outcomes(done.Outcomes), done.Proof
	for _, o := range done.Outcomes {
		if o.Status == engine.Quarantined {
			if f.Quarantined == nil {
				f.Quarantined = map[string]string{}
			}
			f.Quarantined[o.ID] = o.Reason
		}
	}
	if done.Text != text || len(done.Others) > 0 {
		f.Status, f.Diff = report.Changed, report.Diff(name, text, done.Text)
	}
	for _, other := range done.Others {
		f.Also = append(f.Also, other.Path)
		f.Diff += report.Diff(other.Path, other.Before, other.After)
		if _, changed := r.left[other.Path]; !changed {
			r.came[other.Path] = other.Before
		}
		r.left[other.Path] = other.After
	}
	return f, nil
}

// around says what is known around a Dockerfile. A context that cannot be read is
// not known.
func (r *rewriter) around(name, text string, c *config.Config) engine.Surroundings {
	around, err := engine.Around(r.repository, name, text)
	if dir, ok := c.ContextOf("/" + name); ok {
		around = engine.Surroundings{Build: around.Build}
		err = around.Take(r.repository, strings.TrimPrefix(dir, "/"), name)
	}
	if err != nil {
		return engine.Surroundings{Build: around.Build}
	}
	return around
}
