package project

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/tailscale/hujson"
)

// maxExtends bounds files that extend files.
const maxExtends = 5

// maxTSConfig bounds a file, in bytes: hujson reads nested values by recursion, and a
// file of a million brackets ends the program.
const maxTSConfig = 1 << 16

// TSOutput is the folder of the context that the TypeScript compiler writes to, by its
// settings in a file and in those of the context that it extends; "" if they name none
// or cannot be read. Comments and trailing commas are allowed, as the compiler does.
// Source: https://www.typescriptlang.org/tsconfig/#outDir and #extends.
func TSOutput(c *Context, file string) string { return tsOutput(c, file, path.Dir(file), 0) }

// tsOutput reads a file for the configuration in the folder dir, which ${configDir}
// stands for. A folder that is named is relative to the file that names it.
func tsOutput(c *Context, file, dir string, depth int) string {
	text, err := c.Read(file)
	if err != nil || depth > maxExtends || len(text) > maxTSConfig {
		return ""
	}
	plain, err := hujson.Standardize([]byte(strings.TrimPrefix(text, "\ufeff")))
	if err != nil {
		return ""
	}
	var settings table
	if json.Unmarshal(plain, &settings) != nil {
		return ""
	}
	if out := settings.string("compilerOptions", "outDir"); out != "" {
		if below, ok := strings.CutPrefix(out, "${configDir}"); ok {
			return path.Join(dir, below)
		}
		return path.Join(path.Dir(file), out)
	}
	output := ""
	for _, base := range settings.strings("extends") { // of several the last one wins
		if !strings.HasPrefix(base, ".") {
			continue // a package, which does not know this folder
		}
		base = path.Join(path.Dir(file), base)
		if path.Ext(base) != ".json" {
			base += ".json"
		}
		if out := tsOutput(c, base, dir, depth+1); out != "" {
			output = out
		}
	}
	return output
}
