package project

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestImageName(t *testing.T) {
	for reference, want := range map[string]string{
		"nginx":                                "docker.io/library/nginx",
		"nginx:1.27":                           "docker.io/library/nginx",
		"docker.io/nginx":                      "docker.io/library/nginx",
		"org/app:1":                            "docker.io/org/app",
		"index.docker.io/org/app":              "docker.io/org/app",
		"registry.example:5000/a/b:1@sha256:0": "registry.example:5000/a/b",
		"localhost/app":                        "localhost/app",
		"ghcr.io/org/app:${TAG:-latest}":       "ghcr.io/org/app",
		"${REGISTRY:-ghcr.io}/org/app:$TAG":    "ghcr.io/org/app",
		"$(REGISTRY)/app":                      "",
		"${{ env.X }}/app":                     "",
		"{{ .Values.image }}":                  "",
		"":                                     "",
	} {
		if got := ImageName(reference); got != want {
			t.Errorf("ImageName(%q) = %q, want %q", reference, got, want)
		}
	}
}

func TestImagesOfBuilders(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"compose", map[string]string{"compose.yaml": "services:\n  web:\n    image: ghcr.io/org/web:1\n    build: {context: ., tags: [org/web:2, '${X}/y']}\n"}, []string{"docker.io/org/web", "ghcr.io/org/web"}},
		{"bake json", map[string]string{"docker-bake.json": `{"target":{"web":{"context":".","tags":["org/web:1"]}}}`}, []string{"docker.io/org/web"}},
		{"bake hcl", map[string]string{"docker-bake.hcl": "variable \"REPO\" { default = \"org\" }\nvariable \"TAG\" {}\ntarget \"web\" {\n  context = \".\"\n  tags = [\"${REPO}/web:${TAG}\"]\n}\n"}, []string{"docker.io/org/web"}},
		{"skaffold", map[string]string{"skaffold.yaml": "build:\n  artifacts:\n  - image: web\n    context: .\n"}, []string{"docker.io/library/web"}},
		{"tilt", map[string]string{"Tiltfile": "# docker_build('no', '.')\nload('x')\ndocker_build('ghcr.io/org/web', '.', live_update=[\n  sync('a', 'b'), # c\n], dockerfile = './Dockerfile')\ndocker_build('a' + b, '.')\ndocker_build(\n    ref=\"org/web\",\n    context=\".\",\n)\n"}, []string{"ghcr.io/org/web", "docker.io/org/web"}},
		{"build-push-action", map[string]string{".github/workflows/a.yml": "env: {REGISTRY: ghcr.io}\njobs:\n  a:\n    env: {NAME: org/web}\n    steps:\n    - uses: docker/build-push-action@v6\n      with:\n        context: .\n        tags: |\n          ${{ env.REGISTRY }}/${{ env.NAME }}:${{ github.sha }}\n          ghcr.io/${{ github.repository }}:latest\n"}, []string{"ghcr.io/org/web"}},
		{"metadata-action", map[string]string{".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n    - id: meta\n      uses: docker/metadata-action@v5\n      with:\n        images: |\n          org/web\n          ghcr.io/org/web\n    - uses: docker/build-push-action@v6\n      with: {context: ., tags: '${{ steps.meta.outputs.tags }}'}\n"}, []string{"docker.io/org/web", "ghcr.io/org/web"}},
		{"matrix", map[string]string{".github/workflows/a.yml": "jobs:\n  a:\n    strategy: {matrix: {name: [web]}}\n    steps:\n    - uses: docker/build-push-action@v6\n      with: {context: ., tags: 'org/${{ matrix.name }}:1'}\n"}, []string{"docker.io/org/web"}},
		{"makefile", map[string]string{"Makefile": "REGISTRY ?= ghcr.io/org\nIMG ?= $(REGISTRY)/web:latest # the image\nTWICE = a\nTWICE = b\nall:\n\tdocker build -t ${IMG} .\n\tdocker build --tag=$(TWICE)/x .\n"}, []string{"ghcr.io/org/web"}},
		{"a script", map[string]string{"build.sh": "NAME=\"org/web\"\ndocker build -t \"$NAME:${TAG:-1}\" .\n"}, []string{"docker.io/org/web"}},
		{"gitlab", map[string]string{".gitlab-ci.yml": "variables:\n  IMAGE: registry.example/org/web\nb:\n  script:\n    - docker build -t $IMAGE:$CI_COMMIT_SHA -t $CI_REGISTRY_IMAGE .\n"}, []string{"registry.example/org/web"}},
		{"circular variables", map[string]string{"Makefile": "A = $(B)\nB = $(A)\nall:\n\tdocker build -t $(A) .\n"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.files["Dockerfile"] = "FROM scratch\n"
			var got []string
			for _, builder := range NewRepository(memory(test.files)).Builders() {
				if builder.Dockerfile == "Dockerfile" {
					got = append(got, builder.Images...)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("images (-want +got):\n%s", diff)
			}
		})
	}
}
