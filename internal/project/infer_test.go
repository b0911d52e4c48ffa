package project

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInfer(t *testing.T) {
	for _, test := range []struct {
		name       string
		files      map[string]string
		dockerfile string
		sources    []string
		want       Build
	}{
		{"compose with a context above", map[string]string{
			"compose.yaml":          "services:\n  api:\n    build:\n      context: .\n      dockerfile: docker/api.Dockerfile\n      target: prod\n      args:\n        - A=1\n        - B=$X\n  db:\n    image: postgres\n",
			"docker/api.Dockerfile": "", "requirements.txt": ""},
			"docker/api.Dockerfile", []string{"requirements.txt"},
			Build{ContextDir: ".", Targets: []string{"prod"}, Args: map[string]string{"A": "1"}, UsedBy: []string{"compose.yaml: api"}}},
		{"compose, short form, in a folder", map[string]string{"deploy/docker-compose.yml": "services: {web: {build: ../web}}", "web/Dockerfile": ""},
			"web/Dockerfile", nil, Build{ContextDir: "web", UsedBy: []string{"deploy/docker-compose.yml: web"}}},
		{"compose default of a variable", map[string]string{"compose.yml": "services: {web: {build: {context: '${DIR:-web}', target: '${T}'}}}", "web/Dockerfile": ""},
			"web/Dockerfile", nil, Build{ContextDir: "web", OpenTarget: "compose.yml: web", UsedBy: []string{"compose.yml: web"}}},
		{"compose outside of the repository", map[string]string{"compose.yml": "services: {web: {build: ../../x}}", "Dockerfile": ""},
			"Dockerfile", nil, Build{ContextDir: "."}},
		{"bake json", map[string]string{"docker-bake.json": `{"target":{"base":{"context":"app"},"dev":{"inherits":["base"],"target":"dev"}}}`, "app/Dockerfile": ""},
			"app/Dockerfile", nil, Build{ContextDir: "app", Targets: []string{"dev"}, UsedBy: []string{"docker-bake.json: base", "docker-bake.json: dev"}}},
		{"bake hcl", map[string]string{"docker-bake.hcl": "variable \"T\" { default = \"prod\" }\ngroup \"default\" { targets = [\"api\"] }\n" +
			"# target \"no\" {}\ntarget \"api\" {\n  context = \"./api\" // here\n  dockerfile = \"Dockerfile.x\"\n  target = T\n  tags = [\"a:${T}\"]\n  args = { A = \"1\", B = \"2\" }\n  platforms = equal(T, \"x\") ? [\n  ] : []\n}\n" +
			"target \"other\" {\n  inherits = [\"api\"]\n  target = join(\"-\", [T, \"x\"])\n}\n", "api/Dockerfile.x": ""},
			"api/Dockerfile.x", nil, Build{ContextDir: "api", Targets: []string{"prod"}, OpenTarget: "docker-bake.hcl: other", Args: map[string]string{"A": "1", "B": "2"},
				UsedBy: []string{"docker-bake.hcl: api", "docker-bake.hcl: other"}}},
		{"skaffold", map[string]string{"skaffold.yaml": "build:\n  artifacts:\n  - image: a\n    context: src/a\n    docker: {dockerfile: D, target: t}\n  - image: b\n    jib: {}\n", "src/a/D": ""},
			"src/a/D", nil, Build{ContextDir: "src/a", Targets: []string{"t"}, UsedBy: []string{"skaffold.yaml: a"}}},
		{"workflow", map[string]string{".github/workflows/ci.yml": "on: push\njobs:\n  image:\n    steps:\n    - uses: docker/build-push-action@v6\n      with: {context: ., file: docker/Dockerfile, target: final}\n", "docker/Dockerfile": ""},
			"docker/Dockerfile", nil, Build{ContextDir: ".", Targets: []string{"final"}, UsedBy: []string{".github/workflows/ci.yml: image"}}},
		{"workflow matrix", map[string]string{".github/workflows/ci.yml": "jobs:\n  image:\n    strategy: {matrix: {include: [{dir: a, t: x}, {dir: b, t: y}]}}\n    steps:\n    - uses: docker/build-push-action@v6\n      with: {context: '${{ matrix.dir }}', target: '${{matrix.t}}'}\n", "a/Dockerfile": "", "b/Dockerfile": ""},
			"b/Dockerfile", nil, Build{ContextDir: "b", Targets: []string{"y"}, UsedBy: []string{".github/workflows/ci.yml: image"}}},
		{"makefile", map[string]string{"Makefile": "image:\n\t@docker build -t $(IMG) --pull \\\n\t  --target=run -f build/Dockerfile --build-arg A=b .\n", "build/Dockerfile": ""},
			"build/Dockerfile", nil, Build{ContextDir: ".", Targets: []string{"run"}, Args: map[string]string{"A": "b"}, UsedBy: []string{"Makefile:2"}}},
		{"script with cd, run from the root", map[string]string{"scripts/b.sh": "set -e\n(cd web && sudo docker buildx build --platform linux/amd64 --push -t \"x:$(git rev-parse HEAD)\" .) # docker build x\n", "web/Dockerfile": ""},
			"web/Dockerfile", nil, Build{ContextDir: "web", UsedBy: []string{"scripts/b.sh:2"}}},
		{"script with an unknown context and target", map[string]string{"b.sh": "docker build -f docker/Dockerfile --target \"$T\" $CTX\n", "docker/Dockerfile": "", "docker/x": ""},
			"docker/Dockerfile", []string{"x"}, Build{ContextDir: "docker", OpenTarget: "b.sh:1", UsedBy: []string{"b.sh:1"}}},
		{"gitlab", map[string]string{".gitlab-ci.yml": "build:\n  script:\n    - docker build -t x -f ci/Dockerfile .\n", "ci/Dockerfile": ""},
			"ci/Dockerfile", nil, Build{ContextDir: ".", UsedBy: []string{".gitlab-ci.yml:3"}}},
		{"nobody, sources beside it", map[string]string{"a/Dockerfile": "", "a/x": "", "x": ""}, "a/Dockerfile", []string{"./x", "y*"}, Build{ContextDir: "a"}},
		{"nobody, sources at the root", map[string]string{"a/Dockerfile": "", "src/x": ""}, "a/Dockerfile", []string{"/src"}, Build{ContextDir: "."}},
		{"nobody, sources nowhere", map[string]string{"a/Dockerfile": ""}, "a/Dockerfile", []string{"gone"}, Build{}},
		{"the builder that has the sources", map[string]string{
			"compose.yaml": "services:\n  a: {build: {context: a, dockerfile: ../Dockerfile}}\n  b: {build: {context: b, dockerfile: ../Dockerfile}}\n",
			"Dockerfile":   "", "a/y": "", "b/x": ""},
			"Dockerfile", []string{"x"}, Build{ContextDir: "b", UsedBy: []string{"compose.yaml: a", "compose.yaml: b"}}},
		{"malformed files", map[string]string{"compose.yaml": "{{", "docker-bake.json": "[", "docker-bake.hcl": "target \"x\" { a = ", "skaffold.yaml": "- a", "Dockerfile": ""},
			"Dockerfile", nil, Build{ContextDir: "."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := NewRepository(memory(test.files)).Infer(test.dockerfile, test.sources)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("build (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNilRepositoryKnowsNothing(t *testing.T) {
	var r *Repository
	if diff := cmp.Diff(Build{}, r.Infer("Dockerfile", nil)); diff != "" {
		t.Errorf("build (-want +got):\n%s", diff)
	}
}

func TestDockerfilesShareTheContextUnlessOneHasItsOwnIgnoreFile(t *testing.T) {
	r := NewRepository(memory(map[string]string{
		"a.Dockerfile": "", "b.Dockerfile": "", "own.Dockerfile": "",
		".dockerignore": "a.txt\n", "own.Dockerfile.dockerignore": "b.txt\n", "a.txt": "", "b.txt": "",
	}))
	contexts := map[string]*Context{}
	for _, name := range []string{"a", "b", "own"} {
		c, err := r.Context(".", name+".Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		contexts[name] = c
	}
	if contexts["a"] != contexts["b"] || contexts["a"].Has("a.txt") || !contexts["a"].Has("b.txt") {
		t.Error("a and b do not share the context of .dockerignore")
	}
	if !contexts["own"].Has("a.txt") || contexts["own"].Has("b.txt") {
		t.Error("the Dockerfile's own ignore file does not hold")
	}
}
