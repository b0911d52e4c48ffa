package project

import (
	"io/fs"
	"path"
	"slices"
)

// Ahead lists the files of a tree that are likely to be read for its Dockerfiles,
// those first that are likeliest, none if it has no Dockerfile. Whoever pays for each
// look into a tree may get them together; a file that is not among them can still be
// asked for. The error is about a folder that cannot be read.
func Ahead(tree fs.FS) ([]string, error) {
	ranked := make([][]string, len(aheadRanks))
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skippedFolders[entry.Name()]:
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		for i, in := range aheadRanks {
			if in(name) {
				ranked[i] = append(ranked[i], name)
				break
			}
		}
		return nil
	})
	if err != nil || len(ranked[0]) == 0 {
		return nil, err
	}
	return slices.Concat(ranked...), nil
}

// aheadRanks say what is read for every Dockerfile, for most, and for some.
var aheadRanks = []func(name string) bool{
	func(name string) bool {
		return IsDockerfileName(path.Base(name)) && notADockerfile(path.Base(name)) == ""
	},
	func(name string) bool {
		return baseMatches(name, ".drydock.yaml", ".dockerignore", "*.dockerignore", ".gitignore")
	},
	mayBuild,
	func(name string) bool {
		return baseMatches(name, "requirements*.txt", "pyproject.toml", "go.mod", "Gemfile", "Gemfile.lock", "composer.json", "Cargo.toml", "pom.xml", "*.csproj")
	},
	func(name string) bool { return baseMatches(name, "*.yaml", "*.yml") }, // who runs the image, and as whom
}

// mayBuild reports whether a file of this name is searched for builders.
func mayBuild(name string) bool {
	return slices.ContainsFunc(builderFormats, func(f builderFormat) bool { return f.reads(name) })
}
