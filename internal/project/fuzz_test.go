package project

import "testing"

// readers are the ways in which the package reads hostile text: each gets two
// texts as the files that it knows.
var readers = []struct {
	name  string
	seeds [][2]string
	read  func(t *testing.T, a, b string)
}{
	{"requirements", [][2]string{{"-r a.txt\n-e .\\\n--hash=x\nname @ file:x"}, {"-"}, {"\\"}, {"..000000000000"}}, func(t *testing.T, a, b string) {
		got := Requirements(contextOf(t, map[string]string{"r.txt": a, "a.txt": b}), ".", "r.txt")
		for _, name := range append(got.Missing, got.Dirs...) {
			if _, ok := inside(name); !ok {
				t.Errorf("%q leaves the context", name)
			}
		}
	}},
	{"Python projects", [][2]string{{"include = 'a'\n[tool.uv.workspace]\nmembers = ['*']", "[packages]\nself = {path = '.'}"}}, func(t *testing.T, a, b string) {
		c := contextOf(t, map[string]string{"pyproject.toml": a, "Pipfile": b})
		Poetry(c, ".", WithProject)
		Uv(c, ".", WithProject)
		Pipenv(c, ".")
	}},
	{"Gemfile", [][2]string{{"gem 'x', path: \"a\"\nruby file: '.x'\neval_gemfile File.join(__dir__, 'y')", "PATH\n  remote: .\n"}}, func(t *testing.T, a, b string) {
		Bundler(contextOf(t, map[string]string{"Gemfile": a, "Gemfile.lock": b}), ".", "")
	}},
	{"package.json", [][2]string{
		{`{"workspaces":["*"],"scripts":{"postinstall":"npm run x && yarn y"},"dependencies":{"a":"file:x"}}`, "plugins: [{path: x}]"},
		{`{"workspaces":{"packages":"a"},"scripts":{"prepare":"npx"}}`, "a"},
	}, func(t *testing.T, a, b string) {
		c := contextOf(t, map[string]string{"package.json": a, ".yarnrc.yml": b, ".yarnrc": b, "pnpm-workspace.yaml": b})
		for _, manager := range []NodeManager{NPM, Yarn, Pnpm, Bun} {
			Node(c, ".", NodeInstall{Manager: manager})
		}
	}},
	{"Java", [][2]string{{"<project><modules><module>a</module></modules></project>", "include 'a'\n/*"}}, func(t *testing.T, a, b string) {
		c := contextOf(t, map[string]string{"pom.xml": a, "build.gradle": b, "settings.gradle": b})
		Maven(c, ".")
		Gradle(c, ".")
	}},
	{".NET", [][2]string{{"<Project><Import Project='a'/></Project>", "Project(\"x\") = \"A\", \"A.csproj\""}}, func(t *testing.T, a, b string) {
		c := contextOf(t, map[string]string{"A.csproj": a, "NuGet.config": a, "A.sln": b})
		DotnetRestore(c, ".", "")
		DotnetRestore(c, ".", "A.csproj")
	}},
	{"Go, PHP and Rust", [][2]string{{"module m\nreplace a => ./b", `{"repositories":[{"type":"path","url":"*"}]}`}}, func(t *testing.T, a, b string) {
		c := contextOf(t, map[string]string{"go.mod": a, "go.work": a, "composer.json": b, "Cargo.toml": a})
		GoModules(c, ".")
		Composer(c, ".", ComposerInstall{})
		CargoFetch(c, ".")
	}},
	{"builders", [][2]string{
		{"docker build -f x --target y .\ndocker_build('a', '.', target='x')", "target \"x\" { args = { a = \"b\" } }"},
		{"", "services: {a: {build: .}}"},
	}, func(_ *testing.T, a, b string) {
		NewRepository(memory(map[string]string{"x.sh": a, "Tiltfile": a, "docker-bake.hcl": b, "compose.yaml": b, "skaffold.yaml": b,
			".github/workflows/x.yml": b, "Dockerfile": ""})).Infer("Dockerfile", []string{"x"})
	}},
	{"ignore files", [][2]string{{"*\n!a\n", "a/b"}, {"**/[a-\n", "x"}, {"a/**/b\n!c\n", "a/x/b"}}, func(_ *testing.T, a, b string) {
		parseGitignore(".", a).ignores(cleanPath(b), false)
		if rules, err := parseIgnoreRules(".dockerignore", a); err == nil {
			rules.excludes(cleanPath(b))
		}
	}},
}

func FuzzReaders(f *testing.F) {
	for i, reader := range readers {
		for _, seed := range reader.seeds {
			f.Add(uint8(i), seed[0], seed[1])
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, a, b string) {
		readers[int(which)%len(readers)].read(t, a, b)
	})
}
