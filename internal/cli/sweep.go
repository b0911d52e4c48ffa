package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/contract"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/registry"
	"github.com/drydock-dev/drydock/internal/report"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
	"github.com/drydock-dev/drydock/internal/verify"
)

// A sweep is one pass over the Dockerfiles that the PATHs name.
type sweep struct {
	options      *Options
	policies     policies
	repositories repositories
	others       others
	folders      folders
	accepted     contract.Accepted
	here         string           // the current folder; asking for it costs as much as to parse a file
	images       *registry.Images // nil if no registry is asked
	// write puts new texts in the places of files, of all or of none; nil if nothing
	// is written.
	write func([]change) error
	// proving verifies every rewrite; nil if nothing is built.
	proving *Proving
	// byHand is the text that the files are rewrites of, by a person; "" if the
	// fixers rewrite.
	byHand string
	// proved is told of every proof.
	proved func(*verify.Report)
}

// A result is what became of one Dockerfile.
type result struct {
	report.File
	text  string         // the new one
	proof *verify.Report // nil if nothing was built
	notes []report.Error // what the user should know, though nothing failed
	// configuration is why the file failed, nil if it is not the configuration.
	configuration *config.Error

	target target
	file   *dockerfile
	root   string            // of the repository, absolute
	read   map[string]string // the other files that the result depends on; see engine.Result
	others []engine.Other
}

// A target is a Dockerfile to do, or one of which is known already that it cannot
// be.
type target struct {
	project.Found
	status report.Status // "" if it is to be done
	cause  string
}

// targets lists what the PATHs name: the files in their order, then what is not
// done.
func (s *sweep) targets() []target {
	discovery := project.Discover(s.options.Paths)
	var all []target
	for _, f := range discovery.Files {
		all = append(all, target{Found: f})
	}
	for _, f := range discovery.Skipped {
		all = append(all, target{Found: project.Found{Path: f.Path}, status: report.Skipped, cause: f.Reason})
	}
	for _, err := range discovery.Failed {
		path, cause := subject(err)
		all = append(all, target{Found: project.Found{Path: path}, status: report.Failed, cause: cause})
	}
	return all
}

// subject parts an error into the path that it is about and its cause.
func subject(err error) (path, cause string) {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Path, at.Err.Error()
	}
	return "", err.Error()
}

// run works on every target and hands the results to emit, in order.
func (s *sweep) run(ctx context.Context, emit func(result) error) error {
	defer s.repositories.close()
	defer engine.TuneForSweep()()
	var err error
	if s.here, err = filepath.Abs("."); err != nil {
		return err
	}
	if s.options.Config != "" {
		if f := s.policies.load(s.options.Config); f.err != nil {
			return f.err
		}
	}
	if s.options.Online {
		s.images = s.options.registries()
	}
	if s.options.fromStdin() {
		r := s.stdin(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return emit(r)
	}
	targets := s.targets()
	bar := newProgress(s.options, len(targets))
	defer bar.clear()
	return inOrder(ctx, s.options.Jobs, targets, s.do, func(r result) error {
		if r.Status == "" {
			return nil // interrupted before it was done
		}
		bar.clear()
		defer bar.step()
		if r = s.settle(ctx, r); r.Status == "" {
			return nil
		}
		return emit(r)
	})
}

// do works on one target.
func (s *sweep) do(ctx context.Context, t target) (r result) {
	r.Path, r.target = filepath.ToSlash(t.Path), t
	if t.status != "" {
		return r.ends(t.status, t.cause)
	}
	// One hostile file must not take the others down.
	defer func() {
		if p := recover(); p != nil {
			r = r.ends(report.Failed, fmt.Sprintf("drydock has a fault here, please report it: %v", p))
			if s.options.Verbose {
				r.note(1, 1, string(debug.Stack()))
			}
		}
	}()
	absolute, err := s.absolute(t.Path)
	if err != nil {
		return r.fails(err)
	}
	root, err := s.absolute(t.Root)
	if err != nil {
		return r.fails(err)
	}
	p, err := s.policies.of(filepath.Dir(absolute))
	if err != nil {
		return r.fails(err)
	}
	if !t.Named && p.config.Excludes(absolute) {
		return r.ends(report.Skipped, "excluded by "+p.config.Path)
	}
	d, err := readDockerfile(project.Found{Path: absolute, Root: root, Named: t.Named}, s.folders.resolve)
	if err != nil {
		return r.fails(err)
	}
	if marker, ok := project.TemplateMarker(d.text); ok && !t.Named {
		return r.ends(report.Skipped, "a template ("+marker+")")
	}
	around, err := s.around(absolute, root, d.text, p)
	if err != nil {
		r.note(1, 1, cause(err))
	}
	r.file, r.root = d, s.repositories.rootOf(absolute, root)
	r = s.rewrite(ctx, r, d.text, around, p)
	if len(r.read) > 0 {
		return r // until settle
	}
	return s.put(r)
}

// stdin works on standard input. Its build context is unknown unless its name or
// the flags say where it belongs.
func (s *sweep) stdin(ctx context.Context) (r result) {
	name := s.options.Filename
	known := name != "" || s.options.Context != ""
	if name == "" {
		name = "Dockerfile"
	}
	r.Path = filepath.ToSlash(name)
	text, err := readAll(s.options.IO.In, 0)
	if err != nil {
		return r.fails(err)
	}
	absolute, err := s.absolute(name)
	if err != nil {
		return r.fails(err)
	}
	p, err := s.policies.of(filepath.Dir(absolute))
	if err != nil {
		return r.fails(err)
	}
	var around engine.Surroundings
	if known {
		if around, err = s.around(absolute, filepath.Dir(absolute), text, p); err != nil {
			r.note(1, 1, cause(err))
		}
	}
	around.Repository = nil // only one text can be given back
	return s.rewrite(ctx, r, text, around, p)
}

// rewrite runs the engine on a text.
func (s *sweep) rewrite(ctx context.Context, r result, text string, around engine.Surroundings, p *policy) result {
	r.Context = around.Dir
	in := s.input(ctx, &r, text, around, p)
	run := func(ctx context.Context, exclude engine.Exclude) (engine.Result, error) {
		in := in
		in.Exclude = exclude
		return engine.Run(ctx, in, p.fixers)
	}
	var done engine.Result
	var err error
	switch {
	case s.byHand != "":
		return s.compare(ctx, r, text, around)
	case s.proving != nil:
		if in.Evidence, err = s.proving.evidence(ctx, text, around); err == nil {
			done, r.proof, err = s.proving.prove(ctx, text, around, run)
		}
	default:
		done, err = run(ctx, nil)
	}
	if err != nil && ctx.Err() != nil {
		return r // without a status: it was not done
	}
	if err != nil {
		return r.fails(err)
	}
	if r.proof != nil {
		s.proved(r.proof)
		r.Proof = r.proof
		if r.proof.Unproven != "" {
			return r.unproven()
		}
	}
	s.take(&r, text, done)
	return r
}

// input is what the engine is to know of a text.
func (s *sweep) input(ctx context.Context, r *result, text string, around engine.Surroundings, p *policy) engine.Input {
	settings := p.config.Settings
	settings.Images = p.config.ImagesIn(r.root)
	in := engine.Input{
		Name: r.Path, Text: text, Context: around.Context, Build: around.Build,
		Settings: settings, AtLeast: p.atLeast, Accepted: &s.accepted,
		Repository: around.Repository, Path: around.Path, Left: s.others.of(r.root),
	}
	if s.images != nil {
		in.Images = func(ref string, platform ocispec.Platform) []byte { return s.images.Config(ctx, ref, platform) }
	}
	if strings.Contains(text, "drydock:") {
		in.Suppressed = config.Suppressed
		r.vainIgnores(text, names(s.options.Fixers))
	}
	return in
}

// take makes r the result of what the engine did with a text.
func (s *sweep) take(r *result, text string, done engine.Result) {
	r.Status, r.text, r.read, r.others = report.Unchanged, done.Text, done.Read, done.Others
	if done.Text != text || len(done.Others) > 0 {
		r.Status = report.Changed
		r.Diff = report.Diff(s.diffPath(r.Path), text, done.Text)
	}
	for _, other := range done.Others {
		path := s.otherPath(r.root, other.Path)
		r.Also = append(r.Also, path)
		r.Diff += report.Diff(s.diffPath(path), other.Before, other.After)
	}
	r.Outcomes = report.Outcomes(done.Outcomes)
	for i := range r.Outcomes {
		for n, path := range r.Outcomes[i].Also {
			r.Outcomes[i].Also[n] = s.otherPath(r.root, path)
		}
	}
}

// compare verifies a rewrite by hand: text is the new one.
func (s *sweep) compare(ctx context.Context, r result, text string, around engine.Surroundings) result {
	var err error
	if r.proof, err = s.proving.compare(ctx, s.byHand, text, around); err != nil {
		if ctx.Err() != nil {
			return r
		}
		return r.fails(err)
	}
	s.proved(r.proof)
	r.Proof = r.proof
	if r.proof.Unproven != "" {
		return r.unproven()
	}
	r.Status = report.Unchanged
	return r
}

// vainIgnores notes the comments that ignore nothing.
func (r *result) vainIgnores(text string, fixers []string) {
	file := syntax.Parse(source.New(r.Path, text))
	for _, ignore := range config.Ignores(file) {
		if !slices.Contains(fixers, ignore.Fixer) {
			at := file.Position(ignore.Offset)
			r.note(at.Line, at.Column, fmt.Sprintf("the comment ignores %q, which is no fixer", ignore.Fixer))
		}
	}
	for _, offset := range config.Astray(file) {
		at := file.Position(offset)
		r.note(at.Line, at.Column, "the comment ignores nothing: ignore=FIXER stands above an instruction, ignore-file=FIXER above the first")
	}
}

func (r *result) note(line, column int, message string) {
	r.notes = append(r.notes, report.Error{Line: line, Column: column, Message: message})
}

// fails makes r the result of a file that could not be done.
func (r result) fails(err error) result {
	var refused *engine.Refused
	if errors.As(err, &refused) {
		r = r.ends(report.Failed, refused.Message)
		r.Error.Line, r.Error.Column = max(refused.Line, 1), max(refused.Column, 1)
		return r
	}
	errors.As(err, &r.configuration)
	return r.ends(report.Failed, cause(err))
}

func (r result) ends(status report.Status, message string) result {
	r.Status, r.Outcomes, r.Diff, r.Also, r.text, r.others = status, nil, "", nil, "", nil
	r.Error = &report.Error{Line: 1, Column: 1, Message: message}
	return r
}

// cause is the text of an error without the calls and paths that package os puts
// before it: the line names the file already. Several errors stand in one line.
func cause(err error) string {
	text := err.Error()
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &at):
		text = strings.Replace(text, at.Error(), at.Err.Error(), 1)
	case errors.As(err, &link):
		text = strings.Replace(text, link.Error(), link.Err.Error(), 1)
	}
	return strings.ReplaceAll(text, "\n", "; ")
}
