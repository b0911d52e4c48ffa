package main

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A setting is one way to run the whole corpus.
type setting struct {
	Name     string
	Title    string
	Settings fix.Settings
	MadeUp   bool // with a made-up build context
}

// settings are the ways in which the hard numbers must hold. The corpus has no
// build contexts, and what needs one would never run without the made-up ones.
var settings = []setting{
	{Name: "plain", Title: "no build context"},
	{Name: "context", Title: "a made-up build context", MadeUp: true},
	{Name: "cache-mount", Title: "a made-up build context, style: cache-mount", MadeUp: true, Settings: fix.Settings{CacheMounts: true}},
}

func (s setting) input(text string) engine.Input {
	in := engine.Input{Name: "Dockerfile", Text: text, Settings: s.Settings}
	if s.MadeUp {
		in.Context = madeUpContext(text)
	}
	return in
}

// manifests are the files of a made-up context: of every ecosystem the usual
// ones, without a trap in them.
var manifests = map[string]string{
	"requirements.txt":     "flask==3.0.0\npsycopg2==2.9.9\ngunicorn\n",
	"pyproject.toml":       "[project]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [\"flask\"]\n[tool.poetry]\nname = \"app\"\npackage-mode = false\n[tool.poetry.dependencies]\npython = \"^3.8\"\nflask = \"^3.0\"\n",
	"poetry.lock":          "[[package]]\nname = \"flask\"\nversion = \"3.0.0\"\n",
	"uv.lock":              "version = 1\n\n[[package]]\nname = \"flask\"\nversion = \"3.0.0\"\n",
	"Pipfile":              "[packages]\nflask = \"*\"\n",
	"Pipfile.lock":         "{\n    \"default\": {\n        \"flask\": {\n            \"version\": \"==3.0.0\"\n        }\n    }\n}\n",
	"setup.py":             "from setuptools import setup\n\nsetup(name='app', version='1.0.0', install_requires=['flask'])\n",
	"Gemfile":              "source 'https://rubygems.org'\ngem 'rails'\ngem 'pg'\n",
	"Gemfile.lock":         "GEM\n  remote: https://rubygems.org/\n  specs:\n    pg (1.5.4)\n    rails (7.1.2)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  pg\n  rails\n",
	"package.json":         `{"name":"app","version":"1.0.0","scripts":{"start":"node index.js","build":"tsc"},"dependencies":{"express":"4.18.2"}}`,
	"package-lock.json":    `{"name":"app","lockfileVersion":3,"packages":{"":{"dependencies":{"express":"4.18.2"}}}}`,
	"yarn.lock":            "# yarn lockfile v1\n\n\nexpress@4.18.2:\n  version \"4.18.2\"\n",
	"go.mod":               "module example.org/app\n\ngo 1.22\n",
	"go.sum":               "",
	"composer.json":        `{"name":"example/app","require":{"php":">=8.1"}}`,
	"composer.lock":        `{"packages":[]}`,
	"pom.xml":              "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version></project>",
	"Cargo.toml":           "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
	"Cargo.lock":           "version = 3\n",
	"app.csproj":           "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>",
	"app.py":               "print('hello')\n",
	"index.js":             "console.log('hello')\n",
	"main.go":              "package main\n\nfunc main() {}\n",
	"config.ru":            "run proc { [200, {}, []] }\n",
	"src/main.rs":          "fn main() {}\n",
	"docker-entrypoint.sh": "#!/bin/sh\nset -e\nexec \"$@\"\n",
}

// madeUpContext gives a context in which the manifests and every source that the
// file copies by name exist.
func madeUpContext(text string) *project.Context {
	tree := fstest.MapFS{}
	add := func(name, content string) {
		if _, there := tree[name]; !there {
			tree[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
		}
	}
	for name, content := range manifests {
		add(name, content)
	}
	for _, source := range copySources(text) {
		switch base := path.Base(source); {
		case manifests[base] != "":
			add(source, manifests[base])
		case strings.Contains(base, "."):
			add(source, "")
		default: // a folder, for all we know
			add(source+"/"+"requirements.txt", manifests["requirements.txt"])
			add(source+"/"+"file", "")
		}
	}
	for name := range tree { // a file cannot be a folder too
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			delete(tree, dir)
		}
	}
	names := slices.Sorted(maps.Keys(tree))
	context, err := project.NewContext(project.PathList(names, tree), "")
	if err != nil {
		panic(err) // the tree above has no .dockerignore of its own to be wrong
	}
	return context
}

// copySources are the literal paths that a file copies from the context.
func copySources(text string) []string {
	var sources []string
	for _, inst := range syntax.Parse(source.New("Dockerfile", text)).Instructions {
		if inst.Name != "COPY" && inst.Name != "ADD" || inst.FlagValue("from") != "" {
			continue
		}
		words := inst.Words()
		for i := range max(len(words)-1, 0) {
			name := strings.TrimPrefix(path.Clean("/"+words[i].Text), "/")
			if name != "" && !strings.ContainsAny(name, "*?[$<\\\x00") && !strings.Contains(words[i].Text, "://") && name != ".dockerignore" {
				sources = append(sources, name)
			}
		}
	}
	return sources
}
