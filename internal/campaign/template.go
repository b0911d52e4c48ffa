package campaign

import (
	"fmt"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/internal/report"
)

// TextOf makes the text of pull requests from an operator's template, which has
// .Title, .Body (the usual text) and .Files.
func TextOf(t *template.Template) func(report.Pull) (string, error) {
	return func(p report.Pull) (string, error) {
		var out strings.Builder
		err := t.Execute(&out, map[string]any{"Title": p.Title(), "Body": p.Text(), "Files": p.Files})
		if err != nil {
			return "", err
		}
		if n := utf8.RuneCountInString(out.String()); n > report.MaxPullText {
			return "", fmt.Errorf("%s: the text has %d characters, and a pull request at most %d", t.Name(), n, report.MaxPullText)
		}
		return out.String(), nil
	}
}
