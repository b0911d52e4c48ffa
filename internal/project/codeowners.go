package project

import (
	"io/fs"
	"strings"
)

// codeownersPlaces are where GitHub looks for the file, in this order
// (https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners).
var codeownersPlaces = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// Codeowners are the rules of a CODEOWNERS file: the last one that matches a path
// names its owners. The zero value has none.
type Codeowners struct{ rules []ownership }

type ownership struct {
	pattern Patterns
	owners  []string
}

// ReadCodeowners reads the file of a repository. A repository without one has no
// owners, and so has one whose file cannot be read.
func ReadCodeowners(tree fs.FS) Codeowners {
	for _, place := range codeownersPlaces {
		if text, err := readRegular(tree, place); err == nil {
			return parseCodeowners(text)
		}
	}
	return Codeowners{}
}

func parseCodeowners(text string) Codeowners {
	var c Codeowners
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, " #")
		fields := strings.Fields(line)
		// GitHub knows neither "!" nor "[a-z]" here, and passes over such a line.
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") || strings.HasPrefix(fields[0], "!") || strings.Contains(fields[0], "[") {
			continue
		}
		if len(c.rules) == maxPatterns {
			break
		}
		c.rules = append(c.rules, ownership{ParsePatterns(fields[:1]), fields[1:]})
	}
	return c
}

// Of gives the owners of a file as they are written: "@user", "@organisation/team"
// or a mail address.
func (c Codeowners) Of(name string) []string {
	for i := len(c.rules) - 1; i >= 0; i-- {
		if c.rules[i].pattern.Match(name) {
			return c.rules[i].owners
		}
	}
	return nil
}
