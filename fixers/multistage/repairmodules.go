package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

// repairModules copies node_modules into a last stage that starts a program of
// Node's and forgets what it requires.
//
//	FROM node:20-slim                           =>  FROM node:20-slim
//	                                                COPY --from=build /app/node_modules ./node_modules
//	COPY --from=build /app/dist ./dist              COPY --from=build /app/dist ./dist
//	CMD ["node", "dist/main.js"]                    CMD ["node", "dist/main.js"]
//
// Only where the build is known not to bundle: the compilers of TypeScript and Babel
// leave the requires as they are.
func repairModules(p *fix.Pass, last *build.Stage) {
	from, copied := soleSource(last)
	if copied == nil || from.IsImage() || p.Context == nil || !isNode(last.Bottom()) || !isNode(from.Bottom()) ||
		from.Bottom().Image.Libc() != last.Bottom().Image.Libc() || !startsNode(last) {
		return
	}
	dir := ""
	for _, e := range installsOf(from, &node) {
		if isGlobal(e.Install) {
			continue
		}
		if dir != "" && dir != e.Dir || e.Dir == "" {
			return
		}
		dir = e.Dir
	}
	if dir == "" || len(installsOf(last, &node)) > 0 || bringsModules(last, dir) || last.WorkdirAt(copied) == "" {
		return
	}
	if pkg, ok := project.ReadNodePackage(p.Context, "."); !ok || len(pkg.Dependencies) == 0 || !compilesOnly(from, pkg) {
		return
	}
	line := copied.Cased("COPY") + " --from=" + copied.FlagValue("from") + " " + path.Join(dir, "node_modules") + " ./node_modules"
	p.Apply(copied.Span, "copy the dependencies, which the last stage forgets", fix.Fix{
		Safety: fix.Review,
		Edits:  []edit.Edit{copied.InsertAbove(line)},
		Reads:  wholeFile(copied),
		Claims: []string{"stages"},
		Notes:  []string{"copied: " + path.Join(dir, "node_modules")},
	})
}

func isNode(s *build.Stage) bool { return facts.ParseRef(s.Ref).Repository == "node" }

func startsNode(s *build.Stage) bool {
	for _, name := range []string{"ENTRYPOINT", "CMD"} {
		if inst := s.Last(name); inst != nil {
			if c := s.Script(inst).Only(); c != nil {
				program, _ := c.Runs()
				return program == "node"
			}
		}
	}
	return false
}

// bringsModules reports whether a copy of a stage may hold node_modules.
func bringsModules(s *build.Stage, dir string) bool {
	for _, st := range s.Chain() {
		for _, inst := range st.Instructions {
			c, ok := st.CopyOf(inst)
			if !ok || c.From == "" {
				continue
			}
			for _, src := range c.Sources {
				name := strings.TrimSuffix(src.Path, "/")
				if src.Path == "" || isWithin(dir, name) || strings.Contains(name, "node_modules") || strings.Contains(name, "standalone") || strings.ContainsAny(name, "*?") {
					return true
				}
			}
		}
	}
	return false
}

// compilesOnly reports whether all that a stage runs of its package is a compiler
// that does not bundle.
func compilesOnly(s *build.Stage, pkg project.NodePackage) bool {
	built := false
	for _, e := range commandsOf(s) {
		if e.Kind == effects.Opaque {
			return false
		}
		if e.Kind != effects.Runs && e.Kind != effects.Compiles {
			continue
		}
		words := e.Command.Values()
		commands, known := pkg.Programs(words)
		if !known {
			return false
		}
		for _, c := range commands {
			if !slices.Contains([]string{"tsc", "babel", "swc", "tsc-alias", "rimraf", "rm", "cp", "copyfiles", "mkdir", "prisma"}, path.Base(c[0])) {
				return false
			}
			built = true
		}
	}
	return built
}
