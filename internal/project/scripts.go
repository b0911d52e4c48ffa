package project

import (
	"path"
	"strings"
)

// maxScript is the size in bytes above which a file is not taken for a script
// that somebody wrote.
const maxScript = 256 << 10

// Script is a script in the context, such as an entry point.
type Script struct {
	// Path is its context path.
	Path string

	// Text is the whole of it.
	Text string

	// Interpreter is the program of the "#!" line without its folder and
	// without env: "sh", "bash", "python3". Without such a line it is "sh",
	// as execvp and the kernel's caller fall back to.
	Interpreter string
}

// Shell reports whether a POSIX-like shell runs the script.
func (s Script) Shell() bool {
	switch s.Interpreter {
	case "sh", "bash", "dash", "ash", "ksh", "zsh":
		return true
	}
	return false
}

// Script gives the script at a context path; not ok if there is no file, its
// content is not known, or it is not text.
func (c *Context) Script(name string) (Script, bool) {
	text, err := c.Read(name)
	if err != nil || len(text) > maxScript || strings.ContainsRune(text, 0) {
		return Script{}, false
	}
	return Script{Path: cleanPath(name), Text: text, Interpreter: interpreter(text)}, true
}

func interpreter(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	command, found := strings.CutPrefix(line, "#!")
	if !found {
		return "sh"
	}
	for _, word := range strings.Fields(command) {
		base := path.Base(word)
		if base == "env" || strings.HasPrefix(word, "-") || strings.Contains(word, "=") {
			continue
		}
		return base
	}
	return ""
}

// Ecosystem is a language with its package managers.
type Ecosystem string

const (
	Python Ecosystem = "python"
	Ruby   Ecosystem = "ruby"
	NodeJS Ecosystem = "node"
	Golang Ecosystem = "go"
	PHP    Ecosystem = "php"
	DotNet Ecosystem = "dotnet"
	Java   Ecosystem = "java"
	Rust   Ecosystem = "rust"
)

// ecosystemManifests are the manifests that give an ecosystem away, as
// patterns for a folder, in the order in which Ecosystems lists them.
var ecosystemManifests = []struct {
	ecosystem Ecosystem
	patterns  []string
}{
	{Python, []string{"requirements*.txt", "pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "environment.y*ml", "requirements/*.txt"}},
	{Ruby, []string{"Gemfile", "gems.rb", "*.gemspec"}},
	{NodeJS, []string{"package.json"}},
	{Golang, []string{"go.mod", "go.work"}},
	{PHP, []string{"composer.json"}},
	{DotNet, []string{"*.csproj", "*.fsproj", "*.vbproj", "*.sln", "*.slnx"}},
	{Java, []string{"pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"}},
	{Rust, []string{"Cargo.toml"}},
}

// Ecosystems lists the ecosystems whose manifests lie in the folder dir.
func (c *Context) Ecosystems(dir string) []Ecosystem {
	var found []Ecosystem
	for _, row := range ecosystemManifests {
		for _, pattern := range row.patterns {
			if matches, _ := c.glob(dir, pattern); len(matches) > 0 {
				found = append(found, row.ecosystem)
				break
			}
		}
	}
	return found
}
