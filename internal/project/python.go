package project

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Poetry says what "poetry install" or "poetry export" in dir reads.
func Poetry(c *Context, dir string, scope Scope) Manifests {
	r := collect(c)
	file := path.Join(dir, "pyproject.toml")
	manifest, _ := r.readTOML(file)
	r.optional(path.Join(dir, "poetry.lock"))
	r.optional(path.Join(dir, "poetry.toml"))
	poetry := manifest.table("tool", "poetry")
	if packaged, set := poetry["package-mode"].(bool); scope == WithProject && (packaged || !set) {
		r.source("%s: poetry installs the project itself; --no-root would not", cleanPath(file))
	}
	groups := []table{poetry.table("dependencies"), poetry.table("dev-dependencies")}
	for _, name := range poetry.table("group").keys() {
		groups = append(groups, poetry.table("group", name, "dependencies"))
	}
	for _, dependencies := range groups {
		r.pathDependencies(dir, file, dependencies)
	}
	r.projectDependencies(dir, file, manifest)
	return r.result()
}

// Uv says what "uv sync" in dir reads. uv installs a project only if it has a
// build system or says tool.uv.package (uv, "Project packaging").
func Uv(c *Context, dir string, scope Scope) Manifests {
	r := collect(c)
	file := path.Join(dir, "pyproject.toml")
	manifest, ok := r.readTOML(file)
	r.optional(path.Join(dir, "uv.lock"))
	r.optional(path.Join(dir, "uv.toml"))
	r.optional(path.Join(dir, ".python-version"))
	if !ok {
		return r.result()
	}
	if scope == WithProject && uvPackage(manifest) {
		r.source("%s: uv installs the project itself; --no-install-project would not", cleanPath(file))
	}
	r.pathDependencies(dir, file, manifest.table("tool", "uv", "sources"))
	r.projectDependencies(dir, file, manifest)
	workspace := manifest.table("tool", "uv", "workspace")
	patterns := workspace.strings("members")
	for _, excluded := range workspace.strings("exclude") {
		patterns = append(patterns, "!"+excluded)
	}
	for _, folder := range r.members(dir, patterns, "pyproject.toml") {
		member, ok := r.readTOML(path.Join(folder, "pyproject.toml"))
		if ok && scope != ThirdPartyOnly && uvPackage(member) {
			r.source("%s: uv installs the workspace member %s; --no-install-workspace would not", cleanPath(file), folder)
		}
	}
	return r.result()
}

func uvPackage(manifest table) bool {
	if packaged, set := manifest.at("tool", "uv", "package").(bool); set {
		return packaged
	}
	return manifest["build-system"] != nil
}

// Pipenv says what "pipenv install", "sync" and "requirements" in dir read.
func Pipenv(c *Context, dir string) Manifests {
	r := collect(c)
	file := path.Join(dir, "Pipfile")
	manifest, _ := r.readTOML(file)
	r.optional(path.Join(dir, "Pipfile.lock"))
	for _, section := range manifest.keys() {
		// Any other section than these is a category of packages.
		switch section {
		case "source", "requires", "scripts", "pipenv":
		default:
			r.pathDependencies(dir, file, manifest.table(section))
		}
	}
	return r.result()
}

// pathDependencies notes the local packages in a table of dependencies:
// name = {path = "../x"}, name = {file = "x.whl"}, or a list of such tables.
func (r *collector) pathDependencies(dir, file string, dependencies table) {
	for _, name := range dependencies.keys() {
		constraints, isList := dependencies[name].([]any)
		if !isList {
			constraints = []any{dependencies[name]}
		}
		for _, constraint := range constraints {
			fields, _ := constraint.(map[string]any)
			for _, key := range []string{"path", "file"} {
				if place := table(fields).string(key); place != "" {
					r.localPythonPackage(dir, fmt.Sprintf("%s: %s", cleanPath(file), name), place)
				}
			}
		}
	}
}

func (r *collector) localPythonPackage(dir, here, place string) {
	switch {
	case isURL(place):
	case path.IsAbs(place):
		r.source("%s is at %s", here, place)
	case isArchive(place):
		r.file(path.Join(dir, place))
	default:
		r.dir(path.Join(dir, place), dir, here+" is the project itself")
	}
}

// projectDependencies notes the local packages among PEP 621 dependencies and
// PEP 735 groups.
func (r *collector) projectDependencies(dir, file string, manifest table) {
	requirements := manifest.strings("project", "dependencies")
	for _, section := range [][]string{{"project", "optional-dependencies"}, {"dependency-groups"}} {
		groups := manifest.table(section...)
		for _, name := range groups.keys() {
			requirements = append(requirements, groups.strings(name)...)
		}
	}
	for _, requirement := range requirements {
		if _, url, direct := strings.Cut(requirement, "@"); direct && strings.HasPrefix(strings.TrimSpace(url), "file:") {
			r.pythonPackage(dir, cleanPath(file), requirement)
		}
	}
	// Dynamic dependencies of setuptools are read from files as well.
	if dynamic := manifest.table("tool", "setuptools", "dynamic", "dependencies"); dynamic != nil {
		for _, name := range dynamic.strings("file") {
			r.requirements(dir, path.Join(dir, name))
		}
	}
}

// PythonDependencies says what installs the dependencies of the project in dir
// ahead of it, those of some extras too: pyproject.toml, where it has them in full. ok
// is false where it has none, or a build computes them (PEP 621, "dynamic").
func PythonDependencies(c *Context, dir string, extras []string) (m Manifests, ok bool) {
	r := collect(c)
	file := path.Join(dir, "pyproject.toml")
	manifest, read := r.readTOML(file)
	dependencies, listed := manifest.at("project", "dependencies").([]any)
	dynamic := manifest.strings("project", "dynamic")
	if !read || !listed || slices.Contains(dynamic, "dependencies") || slices.Contains(dynamic, "optional-dependencies") && len(extras) > 0 {
		return r.result(), false
	}
	found := len(dependencies) > 0
	for _, extra := range extras {
		more, listed := manifest.at("project", "optional-dependencies", extra).([]any)
		if !listed {
			return r.result(), false
		}
		found = found || len(more) > 0
	}
	// A project may name itself, for its other extras.
	name := normalName(manifest.string("project", "name"))
	all := manifest.strings("project", "dependencies")
	for _, extra := range extras {
		all = append(all, manifest.strings("project", "optional-dependencies", extra)...)
	}
	for _, requirement := range all {
		if bare, _, _ := strings.Cut(strings.TrimSpace(requirement), "["); normalName(bare) == name {
			return r.result(), false
		}
	}
	r.projectDependencies(dir, file, manifest)
	return r.result(), found
}

// normalName is a name as indices compare it (PEP 503).
func normalName(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(strings.TrimSpace(name)))
}
