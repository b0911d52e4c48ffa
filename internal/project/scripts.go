package project

import (
	"path"
	"strings"
)

// maxScript is the size in bytes above which a file is not taken for a script
// that somebody wrote.
const maxScript = 256 << 10

// Script is a script in the context, such as an entry point.
type Script struct {
	// Path is its context path.
	Path string

	// Text is the whole of it.
	Text string

	// Interpreter is the program of the "#!" line without its folder and
	// without env: "sh", "bash", "python3". Without such a line it is "sh",
	// as execvp and the kernel's caller fall back to.
	Interpreter string
}

// Shell reports whether a POSIX-like shell runs the script.
func (s Script) Shell() bool {
	switch s.Interpreter {
	case "sh", "bash", "dash", "ash", "ksh", "zsh":
		return true
	}
	return false
}

// Script gives the script at a context path; not ok if there is no file, its
// content is not known, or it is not text.
func (c *Context) Script(name string) (Script, bool) {
	text, err := c.Read(name)
	if err != nil || len(text) > maxScript || strings.ContainsRune(text, 0) {
		return Script{}, false
	}
	return Script{Path: cleanPath(name), Text: text, Interpreter: interpreter(text)}, true
}

func interpreter(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	command, found := strings.CutPrefix(line, "#!")
	if !found {
		return "sh"
	}
	for _, word := range strings.Fields(command) {
		base := path.Base(word)
		if base == "env" || strings.HasPrefix(word, "-") || strings.Contains(word, "=") {
			continue
		}
		return base
	}
	return ""
}
