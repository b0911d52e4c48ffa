package project_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-dev/drydock/internal/project"
)

func TestNodePrograms(t *testing.T) {
	c, err := project.NewContext(fstest.MapFS{
		"package.json":     {Data: []byte(`{"scripts":{"start":"cross-env NODE_ENV=production node dist/a.js","build":"npm run clean && tsc","clean":"rimraf dist","postbuild":"cp a dist","odd":"node $(pwd)/a","loop":"npm run loop"}}`)},
		"web/package.json": {Data: []byte(`{}`)},
	}, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	p, ok := project.ReadNodePackage(c, ".")
	if !ok {
		t.Fatal("package.json is not read")
	}
	for command, want := range map[string]string{
		"npm start":     "node dist/a.js",
		"yarn start":    "node dist/a.js",
		"npm run build": "rimraf dist; tsc; cp a dist",
		"npm run odd":   "?",
		"npm run loop":  "?",
		"npm run none":  "?",
		"node a.js":     "node a.js",
	} {
		if got := programs(p, command); got != want {
			t.Errorf("%s runs %q, want %q", command, got, want)
		}
	}
	web, _ := project.ReadNodePackage(c, "web")
	if got := programs(web, "npm start"); got != "node server.js" {
		t.Errorf("npm start without a script runs %q", got)
	}
}

func programs(p project.NodePackage, command string) string {
	commands, known := p.Programs(strings.Fields(command))
	if !known {
		return "?"
	}
	var parts []string
	for _, c := range commands {
		parts = append(parts, strings.Join(c, " "))
	}
	return strings.Join(parts, "; ")
}

func TestNodeLocked(t *testing.T) {
	for name, text := range map[string]string{
		"package-lock.json": `{"packages":{"":{},"node_modules/ms":{},"node_modules/a/node_modules/@x/y":{}}}`,
		"yarn.lock":         "# yarn lockfile v1\n\n\"@x/y@^1\", \"@x/y@^2\":\n  version \"1.0.0\"\n\nms@2.1.3:\n  version \"2.1.3\"\n",
		"pnpm-lock.yaml":    "packages:\n\n  '@x/y@1.0.0':\n    resolution: {}\n\n  ms@2.1.3:\n    resolution: {}\n",
	} {
		c, err := project.NewContext(fstest.MapFS{name: {Data: []byte(text)}}, "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		if names, ok := project.NodeLocked(c, "."); fmt.Sprint(names) != "[@x/y ms]" || !ok {
			t.Errorf("%s names %v", name, names)
		}
	}
}

func TestNodeCompiles(t *testing.T) {
	for name, test := range map[string]struct {
		manifest, lock string
		want           bool
	}{
		"plain packages":      {`{}`, `{"packages":{"":{},"node_modules/ms":{"resolved":"https://example.org/ms.tgz"}}}`, false},
		"a package's script":  {`{}`, `{"packages":{"":{},"node_modules/bcrypt":{"hasInstallScript":true}}}`, true},
		"a package of Git's":  {`{}`, `{"packages":{"":{},"node_modules/ms":{"resolved":"git+ssh://git@example.org/ms.git#1"}}}`, true},
		"a script of its own": {`{"scripts":{"postinstall":"node x.js"}}`, `{"packages":{"":{},"node_modules/ms":{}}}`, true},
		"npm before 7":        {`{}`, `{"dependencies":{"ms":{}}}`, true},
		"not a lock":          {`{}`, `[`, true},
	} {
		c, err := project.NewContext(fstest.MapFS{"package.json": {Data: []byte(test.manifest)}, "package-lock.json": {Data: []byte(test.lock)}}, "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		if got := project.NodeCompiles(c, "."); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !project.NodeCompiles(nil, ".") {
		t.Error("without a context nothing tells that it does not")
	}
}
