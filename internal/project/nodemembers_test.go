package project

import (
	"slices"
	"testing"
	"testing/fstest"
)

func TestNodeMemberModules(t *testing.T) {
	for name, test := range map[string]struct {
		manager NodeManager
		files   map[string]string
		scope   NodeScope
		want    []string
		known   bool
	}{
		"pnpm": {manager: Pnpm, files: map[string]string{"pnpm-lock.yaml": "importers:\n  .: {}\n  b:\n    dependencies:\n      ms: {}\n  a:\n    devDependencies:\n      ms: {}\n  c: {}\n"},
			want: []string{"a", "b"}, known: true},
		"pnpm, production": {manager: Pnpm, scope: NodeProduction, files: map[string]string{"pnpm-lock.yaml": "importers:\n  b:\n    dependencies:\n      ms: {}\n  a:\n    devDependencies:\n      ms: {}\n"},
			want: []string{"b"}, known: true},
		"pnpm, hoisted":           {manager: Pnpm, files: map[string]string{"pnpm-lock.yaml": "importers:\n  b: {}\n", ".npmrc": "node-linker=hoisted\n"}},
		"pnpm without a lockfile": {manager: Pnpm},
		"npm, all in the root":    {manager: NPM, files: map[string]string{"package-lock.json": `{"packages":{"":{},"a":{},"node_modules/ms":{},"node_modules/x/node_modules/ms":{}}}`}, known: true},
		"npm, another version": {manager: NPM, files: map[string]string{"package-lock.json": `{"packages":{"packages/a":{},"packages/a/node_modules/ms":{}}}`},
			want: []string{"packages/a"}, known: true},
		"npm, development":               {manager: NPM, scope: NodeProduction, files: map[string]string{"package-lock.json": `{"packages":{"a/node_modules/ms":{"dev":true}}}`}, known: true},
		"npm, of another platform":       {manager: NPM, files: map[string]string{"package-lock.json": `{"packages":{"a/node_modules/ms":{"optional":true}}}`}},
		"npm, a lockfile without places": {manager: NPM, files: map[string]string{"package-lock.json": `{"dependencies":{}}`}},
		"yarn":                           {manager: Yarn},
	} {
		files := fstest.MapFS{}
		for file, text := range test.files {
			files[file] = &fstest.MapFile{Data: []byte(text)}
		}
		c, err := NewContext(files, "")
		if err != nil {
			t.Fatal(err)
		}
		got, known := NodeMemberModules(c, ".", test.manager, test.scope)
		if !slices.Equal(got, test.want) || known != test.known {
			t.Errorf("%s: %q, %t", name, got, known)
		}
	}
}
