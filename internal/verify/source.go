package verify

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/drydock-dev/drydock/internal/verify/builder"
)

func asFailure(err error, to **builder.Failure) bool { return errors.As(err, to) }

// contextFiles lists the files, symlinks and folders of a build context that reach
// the builder, with slashes, sorted.
func contextFiles(r builder.Request) ([]string, error) {
	if r.Context == "" {
		return nil, nil
	}
	matcher, err := patternmatcher.New(r.Ignore)
	if err != nil {
		return nil, err
	}
	var files []string
	err = filepath.WalkDir(r.Context, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(r.Context, name)
		if err != nil || rel == "." {
			return err
		}
		rel = filepath.ToSlash(rel)
		ignored, err := matcher.MatchesOrParentMatches(rel)
		if err != nil {
			return err
		}
		if d.IsDir() && ignored && !matcher.Exclusions() {
			return fs.SkipDir
		}
		if (d.Type().IsRegular() || d.Type() == fs.ModeSymlink || d.IsDir()) && !ignored {
			files = append(files, rel)
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

// sources are the extensions of what people edit all day.
var sources = []string{".py", ".rb", ".js", ".mjs", ".ts", ".tsx", ".go", ".rs", ".java", ".kt", ".cs", ".php", ".html", ".css", ".sh"}

// notSource are files that tell how to build.
var notSource = []string{"setup.py", "conftest.py", "gruntfile.js", "gulpfile.js", "build.rs"}

// sourceFile chooses a file of the source: the one nearest to the root, "" if
// there is none.
func sourceFile(r builder.Request) string {
	files, err := contextFiles(r)
	if err != nil {
		return ""
	}
	best := ""
	for _, name := range files {
		base := strings.ToLower(path.Base(name))
		if info, err := os.Lstat(filepath.Join(r.Context, filepath.FromSlash(name))); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if !slices.Contains(sources, path.Ext(base)) || slices.Contains(notSource, base) || strings.Contains(base, ".config.") {
			continue
		}
		if best == "" || strings.Count(name, "/") < strings.Count(best, "/") {
			best = name
		}
	}
	return best
}
