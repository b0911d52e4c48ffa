package project

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"sort"
)

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
		if len(build.UsedBy) == 0 {
			build.Args = maps.Clone(builder.Args)
		} else {
			build.Args = agreed(build.Args, builder.Args)
		}
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
func agreed(a, b map[string]string) map[string]string {
	var kept map[string]string
	for name, value := range b {
		if other, ok := a[name]; ok && other == value {
			if kept == nil {
				kept = map[string]string{}
			}
			kept[name] = value
		}
	}
	return kept
}
