package project

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// manifestCase is one context and what an install reads of it. Files have
// the content given; a name that ends in a slash is a folder.
type manifestCase struct {
	name  string
	files map[string]string
	read  func(*Context) Manifests
	want  Manifests
}

func runManifestCases(t *testing.T, cases []manifestCase) {
	t.Helper()
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			c := contextOf(t, test.files)
			if diff := cmp.Diff(test.want, test.read(c)); diff != "" {
				t.Errorf("manifests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRequirements(t *testing.T) {
	pip := func(files ...string) func(*Context) Manifests {
		return func(c *Context) Manifests { return Requirements(c, ".", files...) }
	}
	runManifestCases(t, []manifestCase{
		{"plain", map[string]string{"requirements.txt": "flask==3.0 # web\n\n--index-url https://pypi.example/x\nredis[hiredis]>=5 ; python_version > '3'\n"},
			pip("requirements.txt"), Manifests{Files: []string{"requirements.txt"}}},
		{"nested relative to the naming file", map[string]string{
			"requirements/prod.txt": "-r base.txt\n-c ../constraints.txt\n", "requirements/base.txt": "--requirement=common/x.txt\n",
			"requirements/common/x.txt": "a\n", "constraints.txt": "a<2\n"},
			pip("requirements/prod.txt"),
			Manifests{Files: []string{"requirements/prod.txt", "requirements/base.txt", "requirements/common/x.txt", "constraints.txt"}}},
		{"a circle ends", map[string]string{"a.txt": "-rb.txt", "b.txt": "-r a.txt"}, pip("a.txt"), Manifests{Files: []string{"a.txt", "b.txt"}}},
		{"hashes over several lines", map[string]string{"r.txt": "flask==3.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n-r c.txt\n", "c.txt": ""},
			pip("r.txt"), Manifests{Files: []string{"r.txt", "c.txt"}}},
		{"editable project", map[string]string{"r.txt": "flask\n-e .\n"}, pip("r.txt"),
			Manifests{Files: []string{"r.txt"}, ReadsSource: "r.txt:2 installs the project itself"}},
		{"project with extras", map[string]string{"r.txt": ".[dev]\n"}, pip("r.txt"),
			Manifests{Files: []string{"r.txt"}, ReadsSource: "r.txt:1 installs the project itself"}},
		{"local folder", map[string]string{"r.txt": "./libs/a\nlibs/b[x]\n-e libs/c\nd @ file:libs/d\n", "libs/a/setup.py": "", "libs/b/setup.py": "", "libs/c/setup.py": "", "libs/d/setup.py": ""},
			pip("r.txt"), Manifests{Files: []string{"r.txt"}, Dirs: []string{"libs/a", "libs/b", "libs/c", "libs/d"}}},
		{"local wheel and links", map[string]string{"r.txt": "--find-links wheels\n./x/y.whl\nz-1.0.tar.gz\n", "wheels/a.whl": "", "x/y.whl": "", "z-1.0.tar.gz": ""},
			pip("r.txt"), Manifests{Files: []string{"r.txt", "x/y.whl", "z-1.0.tar.gz"}, Dirs: []string{"wheels"}}},
		{"remote", map[string]string{"r.txt": "-e git+https://h.example/x/y.git@main#egg=y\nz @ https://h.example/z.zip\n-r https://h.example/r.txt\nhttps://h.example/q.whl\n"},
			pip("r.txt"), Manifests{Files: []string{"r.txt"}}},
		{"missing nested file", map[string]string{"r.txt": "-r gone.txt\n"}, pip("r.txt"), Manifests{Files: []string{"r.txt"}, Missing: []string{"gone.txt"}}},
		{"ignored by .dockerignore", map[string]string{".dockerignore": "base.txt", "r.txt": "-r base.txt\n", "base.txt": ""},
			pip("r.txt"), Manifests{Files: []string{"r.txt"}, Missing: []string{"base.txt"}}},
		{"from a variable", map[string]string{"r.txt": "-r ${KIND}.txt\n"}, pip("r.txt"),
			Manifests{Files: []string{"r.txt"}, ReadsSource: "r.txt:1: the file comes from ${KIND}.txt"}},
		{"a variable in an index", map[string]string{"r.txt": "--extra-index-url https://${TOKEN}@h.example/\na\n"}, pip("r.txt"), Manifests{Files: []string{"r.txt"}}},
		{"absolute path", map[string]string{"r.txt": "/opt/x.whl\n"}, pip("r.txt"),
			Manifests{Files: []string{"r.txt"}, ReadsSource: "r.txt:1 installs /opt/x.whl"}},
		{"commented options", map[string]string{"r.txt": "# -r gone.txt\n  # -e . \\\na#b\n"}, pip("r.txt"), Manifests{Files: []string{"r.txt"}}},
	})
}

func TestRequirementsOfUnknownContent(t *testing.T) {
	c, err := NewContext(PathList([]string{"requirements.txt"}, nil), "")
	if err != nil {
		t.Fatal(err)
	}
	got := Requirements(c, ".", "requirements.txt").ReadsSource
	if got != "requirements.txt cannot be read: the content is not known" {
		t.Errorf("ReadsSource = %q", got)
	}
	if got := Requirements(nil, ".", "requirements.txt").ReadsSource; got != "no build context is known" {
		t.Errorf("without a context: ReadsSource = %q", got)
	}
}

func TestPythonProjects(t *testing.T) {
	poetry := func(scope Scope) func(*Context) Manifests {
		return func(c *Context) Manifests { return Poetry(c, ".", scope) }
	}
	uv := func(scope Scope) func(*Context) Manifests {
		return func(c *Context) Manifests { return Uv(c, ".", scope) }
	}
	runManifestCases(t, []manifestCase{
		{"poetry without root", map[string]string{"pyproject.toml": "[tool.poetry.dependencies]\npython = '^3'\nlib = {path = 'libs/lib', develop = true}\n[tool.poetry.group.dev.dependencies]\nw = {file = 'w.whl'}\n",
			"poetry.lock": "", "libs/lib/pyproject.toml": "", "w.whl": ""},
			poetry(DependenciesOnly), Manifests{Files: []string{"pyproject.toml", "poetry.lock", "w.whl"}, Dirs: []string{"libs/lib"}}},
		{"poetry with root", map[string]string{"pyproject.toml": "[tool.poetry]\nname = 'x'\n"},
			poetry(WithProject), Manifests{Files: []string{"pyproject.toml"}, ReadsSource: "pyproject.toml: poetry installs the project itself; --no-root would not"}},
		{"poetry outside package mode", map[string]string{"pyproject.toml": "[tool.poetry]\npackage-mode = false\n"},
			poetry(WithProject), Manifests{Files: []string{"pyproject.toml"}}},
		{"malformed", map[string]string{"pyproject.toml": "= x"},
			poetry(DependenciesOnly), Manifests{Files: []string{"pyproject.toml"}, ReadsSource: "pyproject.toml is not valid TOML"}},
		{"uv without a build system", map[string]string{"pyproject.toml": "[project]\nname = 'x'\n", "uv.lock": "", ".python-version": "3.12"},
			uv(WithProject), Manifests{Files: []string{"pyproject.toml", "uv.lock", ".python-version"}}},
		{"uv with a build system", map[string]string{"pyproject.toml": "[build-system]\nrequires = []\n"},
			uv(WithProject), Manifests{Files: []string{"pyproject.toml"}, ReadsSource: "pyproject.toml: uv installs the project itself; --no-install-project would not"}},
		{"uv workspace", map[string]string{"pyproject.toml": "[tool.uv.workspace]\nmembers = ['packages/*']\nexclude = ['packages/old']\n[tool.uv.sources]\nx = {workspace = true}\ny = {path = 'y'}\n",
			"packages/a/pyproject.toml": "", "packages/b/pyproject.toml": "[build-system]\n", "packages/old/pyproject.toml": "", "y/pyproject.toml": ""},
			uv(ThirdPartyOnly), Manifests{Files: []string{"pyproject.toml", "packages/a/pyproject.toml", "packages/b/pyproject.toml"}, Dirs: []string{"y"}}},
		{"pipenv", map[string]string{"Pipfile": "[packages]\na = '*'\nself = {path = '.', editable = true}\n", "Pipfile.lock": "{}"},
			func(c *Context) Manifests { return Pipenv(c, ".") },
			Manifests{Files: []string{"Pipfile", "Pipfile.lock"}, ReadsSource: "Pipfile: self is the project itself"}},
		{"in a subfolder", map[string]string{"api/pyproject.toml": "[tool.poetry.dependencies]\nlib = {path = '../lib'}\n", "api/poetry.lock": "", "lib/pyproject.toml": ""},
			func(c *Context) Manifests { return Poetry(c, "api", DependenciesOnly) },
			Manifests{Files: []string{"api/pyproject.toml", "api/poetry.lock"}, Dirs: []string{"lib"}}},
	})
}
