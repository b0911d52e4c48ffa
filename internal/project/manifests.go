package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Manifests says which files of the context one install of dependencies
// reads. Copying Files and Dirs before the install is enough if and only if
// ReadsSource and Missing are empty. All paths are context paths.
type Manifests struct {
	// Files are the files read, the main manifest first, its lockfile next,
	// then configuration and what these name in turn. No duplicates, and
	// nothing that lies in one of Dirs.
	Files []string

	// Dirs are folders that are read whole, such as a local package or the
	// patches that an install applies.
	Dirs []string

	// ReadsSource says why the install reads, or may read, more than that:
	// "package.json: postinstall runs scripts/build.js". Empty if it does not.
	ReadsSource string

	// Missing are the files that a manifest names and the context lacks. The
	// build makes them, or fails.
	Missing []string
}

// Complete reports whether Files and Dirs are all that the install reads.
func (m Manifests) Complete() bool { return m.ReadsSource == "" && len(m.Missing) == 0 }

// Scope says how much of a project an install installs. The zero value is the
// cautious one.
type Scope int

const (
	// WithProject installs the project itself along with its dependencies:
	// poetry install, uv sync, pdm install.
	WithProject Scope = iota

	// DependenciesOnly leaves out the project itself, not the other members
	// of its workspace: poetry install --no-root, uv sync
	// --no-install-project, pdm install --no-self.
	DependenciesOnly

	// ThirdPartyOnly leaves out every member of the workspace: uv sync
	// --no-install-workspace.
	ThirdPartyOnly
)

// collector gathers Manifests.
type collector struct {
	context *Context
	found   Manifests
	seen    map[string]bool
}

func collect(c *Context) *collector {
	return &collector{context: c, seen: map[string]bool{}}
}

// result gives what was gathered, without the files that a folder covers.
func (r *collector) result() Manifests {
	if r.context == nil {
		return Manifests{ReadsSource: ErrNoContext.Error()}
	}
	m := r.found
	m.Files = uncovered(m.Files, m.Dirs)
	m.Dirs = uncovered(m.Dirs, m.Dirs)
	return m
}

// uncovered drops the paths that lie strictly below one of dirs.
func uncovered(paths, dirs []string) []string {
	var kept []string
	for _, p := range paths {
		covered := false
		for _, dir := range dirs {
			covered = covered || strings.HasPrefix(p, dir+"/")
		}
		if !covered {
			kept = append(kept, p)
		}
	}
	return kept
}

// source notes the first reason why the install reads the source.
func (r *collector) source(format string, args ...any) {
	if r.found.ReadsSource == "" {
		r.found.ReadsSource = fmt.Sprintf(format, args...)
	}
}

// inside gives name as a context path; not ok if it leaves the context. COPY
// would keep "../x" inside, a manifest in the image does not.
func inside(name string) (string, bool) {
	name = path.Clean(name)
	if name == ".." || strings.HasPrefix(name, "../") || path.IsAbs(name) {
		return name, false
	}
	return name, true
}

// locate is inside, and counts what leaves the context as reading the source.
func (r *collector) locate(name string) (string, bool) {
	name, ok := inside(name)
	if !ok {
		r.source("%s lies outside of the build context", name)
	}
	return name, ok
}

// hasFile and hasDir report whether the context has name; what leaves it is
// not there.
func (r *collector) hasFile(name string) bool {
	name, ok := inside(name)
	return ok && r.context.HasFile(name)
}

func (r *collector) hasDir(name string) bool {
	name, ok := inside(name)
	return ok && r.context.IsDir(name)
}

// file notes that name is read, and reports whether it was new and is there.
func (r *collector) file(name string) bool {
	name, ok := r.locate(name)
	if !ok || r.seen[name] {
		return false
	}
	r.seen[name] = true
	if !r.context.HasFile(name) {
		r.found.Missing = append(r.found.Missing, name)
		return false
	}
	r.found.Files = append(r.found.Files, name)
	return true
}

// optional notes that name is read if it is there, and reports whether it is.
func (r *collector) optional(name string) bool {
	if !r.hasFile(name) {
		return false
	}
	r.file(name)
	return true
}

// dir notes that the folder name is read whole. The root, or a folder that
// holds owner, the folder of the manifest, is the source itself.
func (r *collector) dir(name, owner, reason string) {
	owner = cleanPath(owner)
	name, ok := r.locate(name)
	switch {
	case !ok:
	case name == "." || name == owner || strings.HasPrefix(owner, name+"/"):
		r.source("%s", reason)
	case r.seen[name]:
	case !r.context.IsDir(name):
		r.seen[name] = true
		r.found.Missing = append(r.found.Missing, name)
	default:
		r.seen[name] = true
		r.found.Dirs = append(r.found.Dirs, name)
	}
}

// optionalDir notes that the folder name is read whole if it is there.
func (r *collector) optionalDir(name string) {
	if r.hasDir(name) {
		r.dir(name, "", "")
	}
}

// read notes that name is read and gives its text. What cannot be read may
// name anything, so it counts as reading the source.
func (r *collector) read(name string) (string, bool) {
	if !r.file(name) {
		return "", false
	}
	return r.text(name)
}

// text gives the text of a file that is noted already.
func (r *collector) text(name string) (string, bool) {
	content, err := r.context.Read(name)
	if err != nil {
		r.source("%s cannot be read: %v", cleanPath(name), cause(err))
		return "", false
	}
	return content, true
}

func (r *collector) readJSON(name string, into any) bool {
	content, ok := r.read(name)
	if !ok {
		return false
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(content, "\ufeff")), into); err != nil {
		r.source("%s is not valid JSON", cleanPath(name))
		return false
	}
	return true
}

func (r *collector) readTOML(name string) (table, bool) {
	content, ok := r.read(name)
	if !ok {
		return nil, false
	}
	var parsed map[string]any
	if err := toml.Unmarshal([]byte(content), &parsed); err != nil {
		r.source("%s is not valid TOML", cleanPath(name))
		return nil, false
	}
	return parsed, true
}

// maxMembers bounds the workspace patterns of one manifest.
const maxMembers = 1000

// members expands workspace patterns, relative to dir, into the folders that
// hold the file manifest, sorted. A pattern with "!" in front takes out; "**"
// is not among what path.Match knows, and spans folders here.
func (r *collector) members(dir string, patterns []string, manifest string) []string {
	if len(patterns) == 0 {
		return nil
	}
	if len(patterns) > maxMembers {
		r.source("the workspace has more than %d patterns", maxMembers)
		return nil
	}
	chosen := map[string]bool{}
	files, err := r.context.Sources(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.source("the workspace cannot be listed: %v", err)
	}
	for _, pattern := range patterns {
		pattern, negated := strings.CutPrefix(pattern, "!")
		segments := strings.Split(cleanPath(pattern), "/")
		for _, name := range files {
			folder := path.Dir(name)
			if path.Base(name) != manifest || folder == cleanPath(dir) {
				continue
			}
			if matchSegments(segments, strings.Split(relativeTo(dir, folder), "/")) {
				chosen[folder] = !negated
			}
		}
	}
	var folders []string
	for folder, in := range chosen {
		if in {
			folders = append(folders, folder)
		}
	}
	sort.Strings(folders)
	return folders
}

// relativeTo gives name, which lies below dir, relative to it.
func relativeTo(dir, name string) string {
	return strings.TrimPrefix(name, cleanPath(dir)+"/")
}

// table is a TOML table or a JSON object of which little is known.
type table map[string]any

// at follows keys down; nil if there is nothing.
func (t table) at(keys ...string) any {
	var value any = map[string]any(t)
	for _, key := range keys {
		m, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = m[key]
	}
	return value
}

func (t table) table(keys ...string) table {
	m, _ := t.at(keys...).(map[string]any)
	return m
}

func (t table) string(keys ...string) string {
	s, _ := t.at(keys...).(string)
	return s
}

// strings gives a list of strings, or one string as a list.
func (t table) strings(keys ...string) []string { return stringsOf(t.at(keys...)) }

func stringsOf(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var list []string
		for _, item := range value {
			if s, ok := item.(string); ok {
				list = append(list, s)
			}
		}
		return list
	}
	return nil
}

// keys lists the keys in order, so that what is reported is deterministic.
func (t table) keys() []string {
	keys := make([]string, 0, len(t))
	for key := range t {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// cause strips the path from an error that is reported beside the path.
func cause(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
