package project

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestGoModules(t *testing.T) {
	download := func(c *Context) Manifests { return GoModules(c, ".") }
	runManifestCases(t, []manifestCase{
		{"plain", map[string]string{"go.mod": "module m\n\ngo 1.24\n", "go.sum": "", "main.go": ""}, download, Manifests{Files: []string{"go.mod", "go.sum"}}},
		{"local replace", map[string]string{"go.mod": "module m\nreplace a => ./lib/a\nreplace b => example.org/b v1.0.0\nreplace c => ./c\n", "lib/a/go.mod": "module a"},
			download, Manifests{Files: []string{"go.mod", "lib/a/go.mod"}, Missing: []string{"c/go.mod"}}},
		{"absolute replace", map[string]string{"go.mod": "module m\nreplace a => /src/a\n"}, download, Manifests{Files: []string{"go.mod"}, ReadsSource: "go.mod replaces a by /src/a"}},
		{"workspace above", map[string]string{"go.work": "go 1.24\nuse (\n\t./api\n\t./lib\n)\n", "go.work.sum": "", "api/go.mod": "module api", "api/go.sum": "", "lib/go.mod": "module lib"},
			func(c *Context) Manifests { return GoModules(c, "api") }, Manifests{Files: []string{"api/go.mod", "api/go.sum", "go.work", "go.work.sum", "lib/go.mod"}}},
		{"malformed", map[string]string{"go.mod": "modul m\n"}, download, Manifests{Files: []string{"go.mod"}, ReadsSource: "go.mod is not a valid go.mod"}},
	})
}

func TestComposer(t *testing.T) {
	install := func(flags ComposerInstall) func(*Context) Manifests {
		return func(c *Context) Manifests { return Composer(c, ".", flags) }
	}
	careful := install(ComposerInstall{NoScripts: true, NoAutoloader: true})
	laravel := `{"autoload":{"psr-4":{"App\\":"app/"},"classmap":["database"]},"scripts":{"post-autoload-dump":["@php artisan package:discover"],"test":"x"}}`
	runManifestCases(t, []manifestCase{
		{"plain", map[string]string{"composer.json": `{"autoload":{"psr-4":{"App\\":"src/"}}}`, "composer.lock": "{}"}, install(ComposerInstall{}), Manifests{Files: []string{"composer.json", "composer.lock"}}},
		{"without scripts and autoloader", map[string]string{"composer.json": laravel}, careful, Manifests{Files: []string{"composer.json"}}},
		{"with scripts", map[string]string{"composer.json": laravel}, install(ComposerInstall{NoAutoloader: true}),
			Manifests{Files: []string{"composer.json"}, ReadsSource: "composer.json: post-autoload-dump runs scripts; --no-scripts would not"}},
		{"with a class map", map[string]string{"composer.json": laravel}, install(ComposerInstall{NoScripts: true}),
			Manifests{Files: []string{"composer.json"}, ReadsSource: "composer.json: autoload.classmap reads the source; --no-autoloader would not"}},
		{"optimized", map[string]string{"composer.json": `{"autoload":{"psr-4":{"A\\":"a"}}}`}, install(ComposerInstall{OptimizeAutoloader: true}),
			Manifests{Files: []string{"composer.json"}, ReadsSource: "composer.json: the optimized autoloader lists the source; --no-autoloader would not"}},
		{"path repositories and patches", map[string]string{"composer.json": `{"repositories":[{"type":"path","url":"packages/*"},{"type":"vcs","url":"x"}],"extra":{"patches":{"a/b":{"t":"patches/t.patch","u":"https://h.example/u"}}}}`,
			"packages/a/composer.json": "{}", "packages/b/composer.json": "{}", "patches/t.patch": ""}, careful,
			Manifests{Files: []string{"composer.json", "patches/t.patch"}, Dirs: []string{"packages/a", "packages/b"}}},
	})
}

func TestDotnetRestore(t *testing.T) {
	restore := func(dir, project string) func(*Context) Manifests {
		return func(c *Context) Manifests { return DotnetRestore(c, dir, project) }
	}
	runManifestCases(t, []manifestCase{
		{"closure of references", map[string]string{
			"src/Api/Api.csproj": `<Project Sdk="x"><ItemGroup><ProjectReference Include="..\Lib\Lib.csproj" /></ItemGroup></Project>`,
			"src/Lib/Lib.csproj": `<Project/>`, "src/Lib/packages.lock.json": "{}", "src/Other/Other.csproj": "<Project/>",
			"Directory.Build.props": `<Project><Import Project="build/common.props" /></Project>`, "build/common.props": "<Project/>",
			"nuget.config":  `<configuration><packageSources><add key="n" value="https://h.example/v3" /><add key="l" value="local" /></packageSources><config><add key="k" value="v"/></config></configuration>`,
			"local/x.nupkg": "", "global.json": "{}"},
			restore(".", "src/Api/Api.csproj"), Manifests{Files: []string{"src/Api/Api.csproj", "src/Lib/Lib.csproj", "src/Lib/packages.lock.json",
				"Directory.Build.props", "build/common.props", "nuget.config", "global.json"}, Dirs: []string{"local"}}},
		{"solution", map[string]string{"A.sln": "Project(\"{F}\") = \"A\", \"A\\A.csproj\", \"{1}\"\r\nEndProject\r\nProject(\"{2}\") = \"folder\", \"folder\", \"{3}\"\r\n", "A/A.csproj": "<Project/>"},
			restore(".", ""), Manifests{Files: []string{"A.sln", "A/A.csproj"}}},
		{"slnx", map[string]string{"A.slnx": `<Solution><Folder Name="/src/"><Project Path="A/A.csproj" /></Folder></Solution>`, "A/A.csproj": "<Project/>"},
			restore(".", ""), Manifests{Files: []string{"A.slnx", "A/A.csproj"}}},
		{"the project in the folder", map[string]string{"app/App.csproj": "<Project/>"}, restore("app", ""), Manifests{Files: []string{"app/App.csproj"}}},
		{"two projects in the folder", map[string]string{"A.csproj": "", "B.csproj": ""}, restore(".", ""), Manifests{ReadsSource: ". has no single solution or project"}},
		{"a computed import", map[string]string{"A.csproj": `<Project><Import Project="$(Root)/x.props"/></Project>`}, restore(".", ""),
			Manifests{Files: []string{"A.csproj"}, ReadsSource: "A.csproj: Import names $(Root)/x.props"}},
	})
}

func TestMavenAndGradle(t *testing.T) {
	maven := func(c *Context) Manifests { return Maven(c, ".") }
	gradle := func(c *Context) Manifests { return Gradle(c, ".") }
	runManifestCases(t, []manifestCase{
		{"modules", map[string]string{"pom.xml": "<project><modules><module>a</module><module>b/pom-b.xml</module></modules></project>", "a/pom.xml": "<project><parent><relativePath>../pom.xml</relativePath></parent></project>", "b/pom-b.xml": "<project/>", ".mvn/maven.config": ""},
			maven, Manifests{Files: []string{"pom.xml", "a/pom.xml", "b/pom-b.xml"}, Dirs: []string{".mvn"}}},
		{"parent above", map[string]string{"api/pom.xml": "<project><parent><artifactId>p</artifactId></parent></project>", "pom.xml": "<project/>"},
			func(c *Context) Manifests { return Maven(c, "api") }, Manifests{Files: []string{"api/pom.xml", "pom.xml"}}},
		{"system dependency and file repository", map[string]string{"pom.xml": "<project><repositories><repository><url>file://${project.basedir}/repo</url></repository></repositories><dependency><systemPath>${basedir}/lib/x.jar</systemPath></dependency></project>", "repo/x": "", "lib/x.jar": ""},
			maven, Manifests{Files: []string{"pom.xml", "lib/x.jar"}, Dirs: []string{"repo"}}},
		{"malformed pom", map[string]string{"pom.xml": "<project><modules>"}, maven, Manifests{Files: []string{"pom.xml"}, ReadsSource: "pom.xml is not valid XML"}},
		{"maven wrapper", map[string]string{"mvnw": "", ".mvn/wrapper/x": ""}, func(c *Context) Manifests { return MavenWrapper(c, ".") }, Manifests{Files: []string{"mvnw"}, Dirs: []string{".mvn"}}},

		{"gradle", map[string]string{"build.gradle": "plugins { id 'java' } // file('x')\ndependencies { implementation 'a:b:1' }\n", "settings.gradle": "rootProject.name = 'x'\ninclude 'a',\n  ':b:c'\n", "a/build.gradle": "", "b/c/build.gradle.kts": "", "gradle/libs.versions.toml": "", "gradle.properties": "", "gradlew": ""},
			gradle, Manifests{Files: []string{"settings.gradle", "build.gradle", "gradle.properties", "a/build.gradle", "b/c/build.gradle.kts"}, Dirs: []string{"gradle"}}},
		{"gradle kotlin", map[string]string{"build.gradle.kts": "apply(from = \"x.gradle.kts\")\n", "x.gradle.kts": "", "settings.gradle.kts": "include(\":a\")\nincludeBuild(\"logic\")\n", "a/build.gradle.kts": "", "logic/build.gradle.kts": ""},
			gradle, Manifests{Files: []string{"settings.gradle.kts", "build.gradle.kts", "x.gradle.kts", "a/build.gradle.kts"}, Dirs: []string{"logic"}}},
		{"gradle opens a file", map[string]string{"build.gradle": "version = file('VERSION').text\n"}, gradle, Manifests{Files: []string{"build.gradle"}, ReadsSource: "build.gradle:1 opens files"}},
		{"gradle runs git", map[string]string{"build.gradle": "def v = 'git describe'.execute()\n"}, gradle, Manifests{Files: []string{"build.gradle"}, ReadsSource: "build.gradle:1 opens files"}},
		{"a copy task", map[string]string{"build.gradle": "task c(type: Copy) {\n  from 'src'\n}\n"}, gradle, Manifests{Files: []string{"build.gradle"}}},
	})
}

func TestCargoFetch(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		stubs []string
		why   string
	}{
		"program":             {map[string]string{"src/main.rs": ""}, []string{"src/main.rs"}, ""},
		"program and library": {map[string]string{"src/main.rs": "", "src/lib.rs": ""}, []string{"src/main.rs", "src/lib.rs"}, ""},
		"build script":        {map[string]string{"src/main.rs": "", "build.rs": "", "Cargo.toml": "[package]\nname='a'\nbuild='build.rs'\n"}, []string{"src/main.rs"}, ""},
		"placed targets":      {map[string]string{"src/main.rs": "", "Cargo.toml": "[package]\nname='a'\n[[bin]]\nname='b'\npath='b.rs'\n[[bin]]\nname='a'\n"}, []string{"src/main.rs"}, ""},
		"no source":           {nil, nil, "Cargo.toml has neither src/main.rs nor src/lib.rs"},
		"workspace":           {map[string]string{"src/main.rs": "", "Cargo.toml": "[package]\nname='a'\n[workspace]\nmembers=['b']\n"}, []string{"src/main.rs"}, "Cargo.toml is of a workspace, and cargo refuses one without its members"},
		"path":                {map[string]string{"src/main.rs": "", "Cargo.toml": "[package]\nname='a'\n[target.'cfg(unix)'.dependencies]\nb={path='b'}\n"}, []string{"src/main.rs"}, "Cargo.toml: b is at b"},
		"target":              {map[string]string{"src/main.rs": "", "Cargo.toml": "[package]\nname='a'\n[[bench]]\nname='speed'\n"}, []string{"src/main.rs"}, "Cargo.toml does not say where its bench speed is"},
		"vendored":            {map[string]string{"src/main.rs": "", ".cargo/config.toml": "[source.crates-io]\nreplace-with='v'\n"}, []string{"src/main.rs"}, ".cargo/config.toml takes crates from elsewhere"},
	} {
		files := map[string]string{"Cargo.toml": "[package]\nname='a'\n", "Cargo.lock": ""}
		for name, text := range test.files {
			files[name] = text
		}
		m, stubs := CargoFetch(contextOf(t, files), ".")
		if !slices.Equal(stubs.Files, test.stubs) || m.ReadsSource != test.why || !slices.Contains(m.Files, "Cargo.lock") {
			t.Errorf("%s: %+v, %v", name, m, stubs)
		}
		if accepts, ok := cargoAccepts(t, "fetch", files, append(m.Files, stubs.Files...), stubs.Files); ok && test.why != "" == accepts && name != "vendored" { // whose crates nothing asks for
			t.Errorf("%s: cargo accepts the stubs: %v", name, accepts)
		}
		if test.why != "" {
			continue
		}
		all := stubs.Files
		if stubs.Script != "" {
			all = append(all, stubs.Script)
		}
		if builds, ok := cargoAccepts(t, "build", files, append(m.Files, all...), all); ok && (stubs.Unbuildable != "") == builds {
			t.Errorf("%s: cargo builds the stubs: %v, and %q", name, builds, stubs.Unbuildable)
		}
	}
}

// cargoAccepts reports whether the machine's cargo fetches or builds for a package
// of which only the named files are there, the stubs with an empty main. It is not
// ok without cargo.
func cargoAccepts(t *testing.T, verb string, files map[string]string, names, stubs []string) (accepts, ok bool) {
	if _, err := exec.LookPath("cargo"); err != nil {
		return false, false
	}
	dir := t.TempDir()
	for _, name := range names {
		text := files[name]
		if name == "Cargo.toml" {
			text = strings.Replace(text, "name='a'\n", "name='a'\nversion='0.1.0'\n", 1)
		}
		switch {
		case name == "Cargo.lock" || name == "src/lib.rs" && slices.Contains(stubs, name):
			text = ""
		case slices.Contains(stubs, name):
			text = "fn main() {}\n"
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("cargo", verb, "--offline")
	cmd.Dir = dir
	return cmd.Run() == nil, true
}

func TestScript(t *testing.T) {
	c := contextOf(t, map[string]string{"a.sh": "#!/usr/bin/env -S bash -e\nexec \"$@\"\n", "b": "exec x\n", "bin": "\x7fELF\x00", "p.py": "#!/usr/bin/python3 -u\n"})
	for name, want := range map[string]struct {
		interpreter string
		shell, ok   bool
	}{"a.sh": {"bash", true, true}, "./b": {"sh", true, true}, "bin": {}, "p.py": {"python3", false, true}, "gone": {}} {
		script, ok := c.Script(name)
		if ok != want.ok || script.Interpreter != want.interpreter || ok && script.Shell() != want.shell {
			t.Errorf("Script(%q) = %+v, %v", name, script, ok)
		}
	}
}
