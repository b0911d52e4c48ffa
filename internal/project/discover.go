package project

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Found is a Dockerfile to work on.
type Found struct {
	// Path is how to open the file: the PATH that led to it, joined with the
	// way from there. It is spelled with the separators of the system.
	Path string

	// Root is the folder that the file was found under; nothing outside of it
	// is read or written. For a file named by hand it is the file's folder.
	Root string

	// Named says that the file was named by hand and not found by a walk.
	Named bool
}

// Skipped is a file that looks like a Dockerfile and is not worked on.
type Skipped struct {
	Path   string
	Reason string
}

// Discovery is what Discover found. Files has no duplicates; it is in the order
// of the PATHs given, and sorted by path within each.
type Discovery struct {
	Files   []Found
	Skipped []Skipped

	// Failed has an *fs.PathError for each path that could not be looked at.
	Failed []error
}

// Discover lists the Dockerfiles that paths name: a file itself, whatever it
// is called, and the Dockerfiles below a folder. In a folder .gitignore files
// are honoured, those of the parent folders up to the repository's root
// included; .git, node_modules and vendor are not entered, and any other folder
// is, whatever it is called; symlinks to folders are not followed, and a symlink to a file counts only if the file
// is below the folder and is not itself found. No file's content is read, so
// a template by content is for the caller to ask [TemplateMarker] about.
func Discover(paths []string) Discovery {
	var d Discovery
	seen := map[string]bool{}
	for _, name := range paths {
		info, err := os.Stat(name)
		switch {
		case err != nil:
			d.Failed = append(d.Failed, err)
		case info.IsDir():
			w := walk{root: filepath.Clean(name), seen: seen, discovery: &d}
			w.run()
		case !info.Mode().IsRegular():
			d.Failed = append(d.Failed, &fs.PathError{Op: "read", Path: name, Err: errNotRegular})
		case unseen(seen, name):
			name = filepath.Clean(name)
			d.Files = append(d.Files, Found{Path: name, Root: filepath.Dir(name), Named: true})
		}
	}
	return d
}

// unseen reports whether the file at name was not met before, and notes it.
func unseen(seen map[string]bool, name string) bool {
	key := name
	if absolute, err := filepath.Abs(name); err == nil {
		key = absolute
	}
	if seen[key] {
		return false
	}
	seen[key] = true
	return true
}

// skippedFolders hold what others wrote.
var skippedFolders = map[string]bool{".git": true, "node_modules": true, "vendor": true}

// walk is one folder being searched.
type walk struct {
	root      string
	seen      map[string]bool
	discovery *Discovery

	ignores []gitignore // from the repository's root down to the current folder
	prefix  string      // of root, relative to the repository's root; "" if they are one
	links   []string
}

func (w *walk) run() {
	w.ignores, w.prefix = gitignoresAbove(w.root)
	outer := len(w.ignores)
	err := filepath.WalkDir(w.root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			w.discovery.Failed = append(w.discovery.Failed, err)
			if entry != nil && entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		rel := w.repositoryPath(name)
		if !entry.IsDir() {
			if IsDockerfileName(entry.Name()) && !ignoredByGit(w.enclosing(rel, outer), rel, false) {
				w.file(name, entry)
			}
			return nil
		}
		if name != w.root {
			if skippedFolders[entry.Name()] || ignoredByGit(w.enclosing(rel, outer), rel, true) {
				return fs.SkipDir
			}
		}
		w.enter(name, rel, outer)
		return nil
	})
	if err != nil {
		w.discovery.Failed = append(w.discovery.Failed, err)
	}
	w.resolveLinks()
}

// repositoryPath gives name relative to the repository's root.
func (w *walk) repositoryPath(name string) string {
	rel, err := filepath.Rel(w.root, name)
	if err != nil {
		return "."
	}
	return filepath.ToSlash(filepath.Join(w.prefix, rel))
}

// enter reads the .gitignore of a folder that the walk goes into.
func (w *walk) enter(name, rel string, outer int) {
	w.ignores = w.enclosing(rel, outer)
	text, err := readRegular(os.DirFS(name), ".gitignore")
	if err == nil {
		w.ignores = append(w.ignores, parseGitignore(rel, text))
	}
}

// enclosing drops the .gitignore files of folders that the walk has left. The
// first outer ones, those above the walk, always stay.
func (w *walk) enclosing(rel string, outer int) []gitignore {
	n := len(w.ignores)
	for n > outer {
		dir := w.ignores[n-1].dir
		if dir == "." || strings.HasPrefix(rel, dir+"/") {
			break
		}
		n--
	}
	return w.ignores[:n]
}

func (w *walk) file(name string, entry fs.DirEntry) {
	mode := entry.Type()
	switch {
	case mode&fs.ModeSymlink != 0:
		w.links = append(w.links, name)
	case !mode.IsRegular():
		w.skip(name, errNotRegular.Error())
	default:
		w.take(name)
	}
}

func (w *walk) take(name string) {
	if reason := notADockerfile(filepath.Base(name)); reason != "" {
		w.skip(name, reason)
		return
	}
	if unseen(w.seen, name) {
		w.discovery.Files = append(w.discovery.Files, Found{Path: name, Root: w.root})
	}
}

// resolveLinks takes the symlinks whose file no walk finds by itself. It runs
// last, when those files are known.
func (w *walk) resolveLinks() {
	if len(w.links) == 0 {
		w.sort()
		return
	}
	root, err := filepath.EvalSymlinks(w.root)
	if err != nil {
		w.discovery.Failed = append(w.discovery.Failed, err)
		return
	}
	targets := map[string]bool{}
	for _, f := range w.discovery.Files {
		if target, err := filepath.EvalSymlinks(f.Path); err == nil {
			targets[target] = true
		}
	}
	for _, link := range w.links {
		target, err := filepath.EvalSymlinks(link)
		if err != nil {
			w.skip(link, "a symlink that leads nowhere")
			continue
		}
		rel, err := filepath.Rel(root, target)
		if err != nil || !filepath.IsLocal(rel) {
			w.skip(link, "a symlink that leaves "+w.root)
			continue
		}
		if targets[target] {
			w.skip(link, "a symlink to "+filepath.ToSlash(rel))
			continue
		}
		if info, err := os.Stat(link); err != nil || !info.Mode().IsRegular() {
			w.skip(link, "a symlink to what is not a regular file")
			continue
		}
		targets[target] = true
		w.take(link)
	}
	w.sort()
}

// sort puts the symlinks, taken last, among the files of this walk.
func (w *walk) sort() {
	files, skipped := w.discovery.Files, w.discovery.Skipped
	first := len(files)
	for first > 0 && files[first-1].Root == w.root && !files[first-1].Named {
		first--
	}
	sort.SliceStable(files[first:], func(i, j int) bool { return files[first+i].Path < files[first+j].Path })
	sort.SliceStable(skipped, func(i, j int) bool { return skipped[i].Path < skipped[j].Path })
}

func (w *walk) skip(name, reason string) {
	w.discovery.Skipped = append(w.discovery.Skipped, Skipped{Path: name, Reason: reason})
}

// IsDockerfileName reports whether a file of this name is looked at in a
// walk. Templates and the like pass; Discover skips those with a reason.
func IsDockerfileName(base string) bool {
	if strings.HasSuffix(base, ".dockerignore") {
		return false
	}
	switch {
	case base == "Dockerfile", strings.HasPrefix(base, "Dockerfile."):
		return true
	case base == "Containerfile", strings.HasPrefix(base, "Containerfile."):
		return true
	}
	suffix := filepath.Ext(base)
	return suffix == ".Dockerfile" || suffix == ".dockerfile" || suffix == ".Containerfile"
}

// notADockerfile says why a file that IsDockerfileName takes is none.
func notADockerfile(base string) string {
	if reason := templateByName(base); reason != "" {
		return reason
	}
	if strings.HasSuffix(base, "~") {
		return "an editor's backup"
	}
	switch suffix := filepath.Ext(base); suffix {
	case ".md", ".rst", ".txt":
		return "a document (" + suffix + ")"
	case ".orig", ".rej", ".swp", ".swo", ".bak":
		return "a backup or a leftover (" + suffix + ")"
	}
	return ""
}

// gitignoresAbove reads the .gitignore files of the folders above dir, up to
// the one that holds .git, and gives the way from there to dir. Without a
// repository there is nothing above.
func gitignoresAbove(dir string) (rules []gitignore, prefix string) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, ""
	}
	top := RepositoryRoot(absolute)
	if top == "" || top == absolute {
		return nil, ""
	}
	prefix, err = filepath.Rel(top, absolute)
	if err != nil {
		return nil, ""
	}
	rel := "."
	for _, segment := range strings.Split(filepath.ToSlash(prefix), "/") {
		text, err := readRegular(os.DirFS(filepath.Join(top, rel)), ".gitignore")
		if err == nil {
			rules = append(rules, parseGitignore(rel, text))
		}
		rel = filepath.ToSlash(filepath.Join(rel, segment))
	}
	return rules, prefix
}

// RepositoryRoot gives the nearest folder at or above dir that holds .git, ""
// if there is none. dir must be absolute.
func RepositoryRoot(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// String tells one skipped file in one line.
func (s Skipped) String() string { return fmt.Sprintf("%s: skipped: %s", s.Path, s.Reason) }
