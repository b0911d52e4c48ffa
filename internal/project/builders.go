package project

import (
	"io/fs"
	"path"
	"strings"
)

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

// Builders lists who builds what, by looking once at compose, bake, skaffold
// and CI files, Makefiles and scripts.
func (r *Repository) Builders() []Builder {
	if r == nil {
		return nil
	}
	return r.find()
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
