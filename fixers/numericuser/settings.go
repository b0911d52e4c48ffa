package numericuser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
)

// folderNames are parts of the names of variables that name what programs write.
var folderNames = []string{"LOG", "UPLOAD", "MEDIA", "DATA", "TMP", "TEMP", "CACHE", "STORAGE", "HOME"}

// settingsReason looks at the instructions that configure the image.
func settingsReason(s *build.Stage) string {
	if w := s.WorkdirAt(nil); w == "" || isRoots(w) {
		return fmt.Sprintf("the working directory %q is root's or not known", w)
	}
	for _, inst := range chainInstructions(s) {
		switch inst.Name {
		case "USER":
			return "the file changes the user on the way"
		case "VOLUME":
			return "the program writes to VOLUME " + inst.Args.Text
		case "SHELL":
			if w := inst.Words(); len(w) == 0 || !isShell(w[0].Text) {
				return "SHELL is not a POSIX shell's"
			}
		case "ENV":
			for _, pair := range inst.Pairs() {
				value := strings.Trim(pair.Value, `"'`)
				switch {
				case strings.Contains(value, "sqlite") || isRoots(value) || pair.Name == "HOME":
					return "ENV " + pair.Name + " names files of root's"
				case strings.HasSuffix(pair.Name, "PORT") && isLowPort(value):
					return "ENV " + pair.Name + ": the port is below 1024"
				case strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "/tmp") && slices.ContainsFunc(folderNames, func(part string) bool { return strings.Contains(pair.Name, part) }):
					return "the program may write to $" + pair.Name
				}
			}
		}
	}
	return ""
}

// isRoots reports whether a text names something in root's home, which other
// users may not enter.
func isRoots(text string) bool {
	return strings.Contains(text, "/root") || strings.Contains(text, "~/") || strings.Contains(text, "$HOME") || strings.Contains(text, "${HOME}")
}
