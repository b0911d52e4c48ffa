package project

import (
	"encoding/xml"
	"path"
	"strings"
)

// DotnetRestore says what "dotnet restore [project]" in dir reads. project is
// a solution, a project or a folder relative to dir; "" is the one in dir.
func DotnetRestore(c *Context, dir, project string) Manifests {
	r := collect(c)
	target := cleanPath(path.Join(dir, project))
	if r.hasDir(target) {
		// dotnet takes a solution first if there is no more than one file.
		found := r.firstOf(target, "*.sln", "*.slnx", "*.slnf", "*.csproj", "*.fsproj", "*.vbproj")
		if found == "" {
			r.source("%s has no single solution or project", target)
			return r.result()
		}
		target = found
	}
	switch path.Ext(target) {
	case ".sln", ".slnx":
		r.solution(target)
	case ".slnf":
		r.source("%s filters a solution", target)
	default:
		r.dotnetProject(target)
	}
	r.dotnetShared(path.Dir(target))
	return r.result()
}

// firstOf gives the one file in dir that matches the first pattern with a
// match; "" if it matches several, or nothing does.
func (r *collector) firstOf(dir string, patterns ...string) string {
	for _, pattern := range patterns {
		matches, _ := r.context.glob(dir, pattern)
		if len(matches) == 1 {
			return matches[0]
		}
		if len(matches) > 1 {
			return ""
		}
	}
	return ""
}

// solution notes the projects of a .sln or .slnx.
func (r *collector) solution(name string) {
	text, ok := r.read(name)
	if !ok {
		return
	}
	if path.Ext(name) == ".slnx" {
		for _, element := range r.xmlElements(name, text, "Project") {
			r.solutionProject(name, element.attribute("Path"))
		}
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		// Project("{kind}") = "Name", "folder\name.csproj", "{id}"
		fields := strings.Split(strings.TrimSpace(line), `"`)
		if strings.HasPrefix(fields[0], "Project(") && len(fields) > 5 {
			r.solutionProject(name, fields[5])
		}
	}
}

func (r *collector) solutionProject(solution, place string) {
	// A solution folder has its own name in place of a path.
	if strings.HasSuffix(place, "proj") {
		r.dotnetProject(path.Join(path.Dir(solution), slashes(place)))
	}
}

func slashes(windows string) string { return strings.ReplaceAll(windows, `\`, "/") }

// dotnetProject notes a project file, what it imports, and the projects that
// it refers to.
func (r *collector) dotnetProject(name string) {
	name = cleanPath(name)
	if !r.file(name) {
		return
	}
	r.msbuildFile(name)
	r.optional(path.Join(path.Dir(name), "packages.lock.json"))
	r.optional(path.Join(path.Dir(name), "packages.config"))
	r.dotnetShared(path.Dir(name))
}

// dotnetShared notes the files that apply to all projects below a folder.
// MSBuild takes the nearest Directory.* file, which may import the next one
// (Microsoft, "Customize the build by folder"); NuGet merges all its files.
func (r *collector) dotnetShared(dir string) {
	for {
		for _, name := range []string{"Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "Directory.Build.rsp"} {
			full := cleanPath(path.Join(dir, name))
			if !r.seen[full] && r.optional(full) {
				r.msbuildFile(full)
			}
		}
		for _, name := range []string{"NuGet.config", "NuGet.Config", "nuget.config"} {
			full := cleanPath(path.Join(dir, name))
			if !r.seen[full] && r.optional(full) {
				r.nugetConfig(full)
			}
		}
		r.optional(path.Join(dir, "global.json"))
		if dir == "." {
			return
		}
		dir = path.Dir(dir)
	}
}

// msbuildFile follows ProjectReference and Import in a file noted already.
func (r *collector) msbuildFile(name string) {
	text, ok := r.text(name)
	if !ok {
		return
	}
	here := path.Dir(name)
	for _, element := range r.xmlElements(name, text, "ProjectReference", "Import") {
		place := element.attribute("Include")
		if element.name == "Import" {
			place = element.attribute("Project")
		}
		// The parents' Directory.* files are noted anyhow.
		if place == "" || element.attribute("Sdk") != "" || strings.Contains(place, "GetPathOfFileAbove") || strings.Contains(place, "GetDirectoryNameOfFileAbove") {
			continue
		}
		place = strings.NewReplacer("$(MSBuildThisFileDirectory)", "./", "$(MSBuildProjectDirectory)", ".").Replace(place)
		for _, part := range strings.Split(slashes(place), ";") {
			switch {
			case part == "":
			case strings.ContainsAny(part, "$*?@%"):
				r.source("%s: %s names %s", name, element.name, part)
			case element.name == "Import":
				if r.file(path.Join(here, part)) {
					r.msbuildFile(cleanPath(path.Join(here, part)))
				}
			default:
				r.dotnetProject(path.Join(here, part))
			}
		}
	}
}

// nugetConfig notes package sources that are folders of the context.
func (r *collector) nugetConfig(name string) {
	text, ok := r.text(name)
	if !ok {
		return
	}
	for _, element := range r.xmlElements(name, text, "add") {
		if element.parent != "packageSources" {
			continue
		}
		place := slashes(element.attribute("value"))
		switch {
		case isURL(place) || place == "":
		case path.IsAbs(place) || strings.ContainsAny(place, "%:~"):
			r.source("%s names %s", name, place)
		default:
			r.dir(path.Join(path.Dir(name), place), path.Dir(name), name+": a package source is the project itself")
		}
	}
}

// xmlElement is a start tag.
type xmlElement struct {
	parent, name string
	attributes   []xml.Attr
	text         string // up to the first tag in it
}

func (e xmlElement) attribute(name string) string {
	for _, a := range e.attributes {
		if strings.EqualFold(a.Name.Local, name) {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// xmlElements lists the elements with one of the names, in document order.
func (r *collector) xmlElements(file, text string, names ...string) []xmlElement {
	decoder := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	decoder.Strict = false
	var found []xmlElement
	var open []string
	wanted := -1 // index in found of the innermost open element
	for {
		token, err := decoder.Token()
		if token == nil {
			if len(open) > 0 && err != nil {
				r.source("%s is not valid XML", file)
			}
			return found
		}
		switch token := token.(type) {
		case xml.StartElement:
			parent := ""
			if len(open) > 0 {
				parent = open[len(open)-1]
			}
			open = append(open, token.Name.Local)
			wanted = -1
			for _, name := range names {
				if token.Name.Local == name {
					wanted = len(found)
					found = append(found, xmlElement{parent: parent, name: name, attributes: token.Copy().Attr})
				}
			}
		case xml.CharData:
			if wanted >= 0 && found[wanted].text == "" {
				found[wanted].text = strings.TrimSpace(string(token))
			}
		case xml.EndElement:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
			wanted = -1
		}
	}
}
