package project

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestTSOutput(t *testing.T) {
	files := fstest.MapFS{
		"tsconfig.json":         {Data: []byte("{\n  // where it goes\n  \"compilerOptions\": {\"outDir\": \"./dist\",},\n}\n")},
		"tsconfig.build.json":   {Data: []byte(`{"extends": "./tsconfig"}`)},
		"tsconfig.several.json": {Data: []byte(`{"extends": ["./tsconfig.json", "./shared/base.json", "@tsconfig/node20/tsconfig.json"]}`)},
		"shared/base.json":      {Data: []byte(`{"compilerOptions": {"outDir": "../lib"}}`)},
		"api/tsconfig.json":     {Data: []byte(`{"extends": "../shared/config.json"}`)},
		"shared/config.json":    {Data: []byte(`{"compilerOptions": {"outDir": "${configDir}/out"}}`)},
		"deep.json":             {Data: []byte(strings.Repeat("[", 1<<22))},
		"loop.json":             {Data: []byte(`{"extends": "./loop.json"}`)},
		"broken.json":           {Data: []byte(`{"compilerOptions": `)},
		"other.json":            {Data: []byte(`["outDir"]`)},
		"named.json":            {Data: []byte(`{"compilerOptions": {"paths": {"a": ["outDir"]}}} // "outDir": "x"`)},
	}
	c, err := NewContext(files, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"tsconfig.json":         "dist",
		"tsconfig.build.json":   "dist",
		"tsconfig.several.json": "lib",
		"api/tsconfig.json":     "api/out",
		"deep.json":             "",
		"loop.json":             "",
		"broken.json":           "",
		"other.json":            "",
		"named.json":            "",
		"none.json":             "",
	} {
		if got := TSOutput(c, file); got != want {
			t.Errorf("%s: %q, not %q", file, got, want)
		}
	}
}
