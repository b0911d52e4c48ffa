package multistage

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/tailscale/hujson"

	"github.com/drydock-dev/drydock/internal/project"
)

// A tsconfig is what matters here of the settings of the TypeScript compiler.
type tsconfig struct{ outDir, rootDir string }

// tsconfig reads the file that a tsc command names, or tsconfig.json.
func (pl *plan) tsconfig(p project.NodePackage, c []string) tsconfig {
	name := "tsconfig.json"
	for _, flag := range []string{"-p", "--project", "-b", "--build"} {
		if v := flagValue(c, flag); v != "" && !strings.HasPrefix(v, "-") {
			name = v
		}
	}
	if path.Ext(name) != ".json" {
		name = path.Join(name, "tsconfig.json")
	}
	return pl.readTSConfig(path.Join(p.Dir, name), 0)
}

// maxExtends bounds files that extend files.
const maxExtends = 5

// readTSConfig reads a file with comments and trailing commas, as the compiler does,
// and those of the context that it extends. Zero for one that cannot be read.
// Source: https://www.typescriptlang.org/tsconfig/#extends.
func (pl *plan) readTSConfig(file string, depth int) tsconfig {
	text, err := pl.pass.Context.Read(file)
	if err != nil || depth > maxExtends {
		return tsconfig{}
	}
	plain, err := hujson.Standardize([]byte(strings.TrimPrefix(text, "\ufeff")))
	if err != nil {
		return tsconfig{}
	}
	var read struct {
		Extends         any
		CompilerOptions struct{ OutDir, RootDir string }
	}
	if json.Unmarshal(plain, &read) != nil {
		return tsconfig{}
	}
	var found tsconfig
	for _, base := range bases(read.Extends) {
		if !strings.HasPrefix(base, ".") {
			continue // a package, which does not know this folder
		}
		base = path.Join(path.Dir(file), base)
		if path.Ext(base) != ".json" {
			base += ".json"
		}
		of := pl.readTSConfig(base, depth+1)
		found.set(of.outDir, of.rootDir)
	}
	found.set(read.CompilerOptions.OutDir, read.CompilerOptions.RootDir)
	return found
}

func (t *tsconfig) set(outDir, rootDir string) {
	if outDir != "" {
		t.outDir = outDir
	}
	if rootDir != "" {
		t.rootDir = rootDir
	}
}

// bases are the files that one extends: a name, or a list of them of which later ones
// win.
func bases(extends any) []string {
	switch x := extends.(type) {
	case string:
		return []string{x}
	case []any:
		var all []string
		for _, one := range x {
			if name, ok := one.(string); ok {
				all = append(all, name)
			}
		}
		return all
	}
	return nil
}
