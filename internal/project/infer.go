package project

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Repository is a whole repository, in which Dockerfiles and those who build
// them lie. It is safe for use from several goroutines.
type Repository struct {
	tree fs.FS
	list func() []string
	find func() []Builder

	mu       sync.Mutex
	contexts map[string]*Context // by folder, with the folder's own .dockerignore
	memos    sync.Map            // functions that give what Memo keeps, by key
}

// maxContexts bounds the contexts that are kept for the next Dockerfile.
const maxContexts = 16

// NewRepository gives the repository whose root is the root of tree. Nothing
// is read yet.
func NewRepository(tree fs.FS) *Repository {
	r := &Repository{tree: tree}
	r.list = sync.OnceValue(r.sources)
	r.find = sync.OnceValue(r.findBuilders)
	return r
}

// Sources lists the files of the repository, without those that others wrote;
// see [Context.Sources]. The list is read once and may be cut short.
func (r *Repository) Sources() []string {
	if r == nil {
		return nil
	}
	return r.list()
}

func (r *Repository) sources() []string {
	c := &Context{tree: r.tree}
	files, err := c.Sources(".")
	if err != nil && !errors.Is(err, ErrTooManyFiles) {
		return nil
	}
	return files
}

// Read gives the text of a regular file in the repository.
func (r *Repository) Read(name string) (string, error) {
	if r == nil {
		return "", ErrNoContext
	}
	return readRegular(r.tree, cleanPath(name))
}

// Memo gives what first was made under a key: what another package has worked
// out about the repository, once for all its Dockerfiles.
func (r *Repository) Memo(key any, make func() any) any {
	once, _ := r.memos.LoadOrStore(key, sync.OnceValue(make))
	return once.(func() any)()
}

// Builder is one place that builds a Dockerfile.
type Builder struct {
	// Where names it: "compose.yaml: web", "Makefile:12".
	Where string

	// File is the file that says so: "compose.yaml".
	File string

	// Dockerfile is the Dockerfile's path in the repository.
	Dockerfile string

	// Context is the folder of the build context in the repository, "" if it
	// is not known.
	Context string

	// Target is the stage that --target names, "" for the last one.
	// UnknownTarget says that there is a --target that cannot be read.
	Target        string
	UnknownTarget bool

	// Args are the build arguments with literal values.
	Args map[string]string

	// Images are the names that the image gets, as [ImageName] gives them;
	// those that are computed are not among them.
	Images []string
}

// Build is what is known about how a Dockerfile is built.
type Build struct {
	// ContextDir is the folder of the build context in the repository, "" if
	// none is known.
	ContextDir string

	// Targets are the stages that somebody builds with --target, sorted.
	// OpenTarget names a builder whose target cannot be read: any stage may
	// be built. Empty if there is none.
	Targets    []string
	OpenTarget string

	// Args are the build arguments that all builders agree about.
	Args map[string]string

	// UsedBy names the builders.
	UsedBy []string
}

// Builders lists who builds what, by looking once at compose, bake, skaffold
// and CI files, Makefiles and scripts.
func (r *Repository) Builders() []Builder {
	if r == nil {
		return nil
	}
	return r.find()
}

// Context gives the build context in the folder dir for the Dockerfile at the
// path dockerfile, both in the repository; see [NewContext]. Dockerfiles of one
// folder get the same Context, so that each listing is read once.
func (r *Repository) Context(dir, dockerfile string) (*Context, error) {
	if r == nil {
		return nil, ErrNoContext
	}
	if dockerfile != "" {
		if _, err := fs.Stat(r.tree, cleanPath(dockerfile)+".dockerignore"); err == nil {
			return contextIn(r.tree, dir, dockerfile)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	dir = cleanPath(dir)
	if known := r.contexts[dir]; known != nil {
		return known, nil
	}
	context, err := contextIn(r.tree, dir, "")
	if err != nil {
		return nil, err
	}
	if r.contexts == nil || len(r.contexts) == maxContexts {
		r.contexts = map[string]*Context{}
	}
	r.contexts[dir] = context
	return context, nil
}

// Infer says how the Dockerfile at a path in the repository is built.
// copySources are its literal COPY and ADD sources from the context. A
// context that a builder names goes first, the one that has the most sources
// where builders differ; then the Dockerfile's folder if all sources are
// there; then the root if all are there; else none.
func (r *Repository) Infer(dockerfile string, copySources []string) Build {
	var build Build
	if r == nil {
		return build
	}
	dockerfile = cleanPath(dockerfile)
	targets := map[string]bool{}
	best := -1
	for _, builder := range r.Builders() {
		if builder.Dockerfile != dockerfile {
			continue
		}
		build.Args = agreed(build.Args, builder.Args, len(build.UsedBy) == 0)
		if !slices.Contains(build.UsedBy, builder.Where) {
			build.UsedBy = append(build.UsedBy, builder.Where)
		}
		if builder.Target != "" {
			targets[builder.Target] = true
		}
		if builder.UnknownTarget && build.OpenTarget == "" {
			build.OpenTarget = builder.Where
		}
		if builder.Context == "" {
			continue
		}
		if present := r.present(builder.Context, copySources); present > best {
			best, build.ContextDir = present, builder.Context
		}
	}
	for target := range targets {
		build.Targets = append(build.Targets, target)
	}
	sort.Strings(build.Targets)
	if build.ContextDir != "" {
		return build
	}
	for _, dir := range []string{path.Dir(dockerfile), "."} {
		if r.present(dir, copySources) == len(copySources) {
			build.ContextDir = dir
			break
		}
	}
	return build
}

// present counts the sources that exist in dir. A pattern that matches
// nothing counts: "COPY package.json yarn.lock* ./" is meant to allow that.
func (r *Repository) present(dir string, sources []string) int {
	tree, err := subtree(r.tree, dir)
	if err != nil {
		return -1
	}
	count := 0
	for _, source := range sources {
		if HasWildcard(source) {
			count++
			continue
		}
		if _, err := fs.Stat(tree, cleanPath(source)); err == nil {
			count++
		}
	}
	return count
}

// agreed keeps the arguments that have the same value in both.
func agreed(all, next map[string]string, first bool) map[string]string {
	kept := map[string]string{}
	for name, value := range next {
		if earlier, ok := all[name]; first || ok && earlier == value {
			kept[name] = value
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// maxBuilderFiles and maxBuilderBytes bound how much is searched for builders.
const (
	maxBuilderFiles = 5000
	maxBuilderBytes = 64 << 20
)

// findBuilders reads every file that may build an image, in the order of
// builderFormats, so that a compose file goes before a script.
func (r *Repository) findBuilders() []Builder {
	tree := r.tree
	candidates := make([][]string, len(builderFormats))
	total := 0
	for _, name := range r.Sources() {
		for i, format := range builderFormats {
			if format.reads(name) && total < maxBuilderFiles {
				candidates[i] = append(candidates[i], name)
				total++
			}
		}
	}
	var builders []Builder
	bytes := 0
	for i, format := range builderFormats {
		for _, name := range candidates[i] {
			text, err := readRegular(tree, name)
			if bytes += len(text); err != nil || bytes > maxBuilderBytes {
				continue
			}
			for _, builder := range format.builders(builderFile{tree: tree, name: name, text: text}) {
				if _, err := fs.Stat(tree, builder.Dockerfile); err == nil {
					builder.File = name
					builders = append(builders, builder)
				}
			}
		}
	}
	return builders
}

// builderFormat is one kind of file that builds images.
type builderFormat struct {
	reads    func(name string) bool
	builders func(builderFile) []Builder
}

// builderFormats is in the order of trust.
var builderFormats = []builderFormat{
	{IsCompose, composeBuilders},
	{isBakeJSON, bakeJSONBuilders},
	{isBakeHCL, bakeHCLBuilders},
	{isSkaffold, skaffoldBuilders},
	{isWorkflow, workflowBuilders},
	{isTiltfile, tiltBuilders},
	{mayRunDocker, commandBuilders},
}

// builderFile is a file that builds images.
type builderFile struct {
	tree fs.FS
	name string
	text string
	// variables are what the file itself assigns; for the files of commands.
	variables variables
}

// resolve gives name, relative to dir, as a path in the repository; not ok if
// it lies outside, or if a part of it is not literal.
func resolve(dir, name string) (string, bool) {
	if strings.ContainsAny(name, "$`{") || strings.Contains(name, "://") || strings.HasPrefix(name, "git@") || path.IsAbs(name) {
		return "", false
	}
	joined := path.Join(dir, name)
	if joined == ".." || strings.HasPrefix(joined, "../") {
		return "", false
	}
	return joined, true
}

// dockerfileIn gives the path of the Dockerfile that is named relative to the
// context, as compose, bake and skaffold do; "Dockerfile" if no name is given.
func dockerfileIn(context, name string) (string, bool) {
	if name == "" {
		name = "Dockerfile"
	}
	return resolve(context, name)
}

// setTarget notes a target, which may not be literal.
func (b *Builder) setTarget(target string) {
	if strings.ContainsAny(target, "$`{") {
		b.UnknownTarget = true
		return
	}
	b.Target = target
}
