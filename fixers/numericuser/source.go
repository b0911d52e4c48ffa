package numericuser

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/project"
)

// sourceReason looks at the program's source.
func sourceReason(c *project.Context, s *build.Stage, argv []string) string {
	if c == nil {
		return "the build context is not known, so neither is what the program writes"
	}
	if path.Base(argv[0]) == "npm" {
		text, err := c.Read("package.json")
		if err != nil || !strings.Contains(text, `"start": "node `) {
			return "npm start does not start node alone"
		}
	}
	if reason := foreignSource(s.Model()); reason != "" {
		return reason
	}
	return writes(c, sourceOf(path.Base(argv[0])))
}

// foreignSource is why the program's source is not the build context's: another
// place is fetched from, or nothing is copied.
func foreignSource(m *build.Model) string {
	copied := false
	for _, s := range m.Stages {
		for _, inst := range s.Instructions {
			if c, ok := s.CopyOf(inst); ok && c.From == "" && c.Stage == nil {
				copied = true
			}
			if inst.Name != "RUN" {
				continue
			}
			for _, c := range s.Script(inst).Commands {
				name, args := c.Runs()
				if len(args) == 0 {
					continue
				}
				isFetched := name == "git" && args[0].Value == "clone" || name == "wget" || name == "curl" ||
					name == "go" && (args[0].Value == "get" || args[0].Value == "install") && strings.Contains(args[len(args)-1].Value, ".") && !strings.HasPrefix(args[len(args)-1].Value, ".")
				if isFetched {
					return "the program may come from " + name + " " + args[0].Value
				}
			}
		}
	}
	if !copied {
		return "no COPY brings the program"
	}
	return ""
}
