package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Text is what an outcome says in one line, with the other files that its fix edits.
func (o Outcome) Text() string {
	text := o.Message
	if len(o.Also) > 0 {
		text += ", with " + strings.Join(o.Also, ", ")
	}
	if o.Status != Applied {
		text = strings.TrimPrefix(text+": "+o.Status+": "+o.Reason, ": ")
	}
	return OneLine(text)
}

// uri writes a path as a relative reference.
func uri(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// annotations writes the workflow commands of GitHub Actions, which become notes
// beside the lines (docs.github.com/en/actions/reference/workflow-commands-for-github-actions).
type annotations struct{ w io.Writer }

func (a annotations) File(f File) error {
	if f.Status == Failed {
		return a.write("error", f.Path, f.Error.Line, "drydock", f.Error.Message)
	}
	for _, o := range f.Outcomes {
		if o.Status != Applied {
			continue
		}
		if err := a.write("warning", f.Path, o.Line, "drydock: "+o.Fixer, o.Text()); err != nil {
			return err
		}
	}
	return nil
}

func (a annotations) write(level, path string, line int, title, message string) error {
	_, err := fmt.Fprintf(a.w, "::%s file=%s,line=%d,title=%s::%s\n",
		level, commandProperty.Replace(path), line, commandProperty.Replace(title), commandText.Replace(message))
	return err
}

var (
	commandText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func (annotations) End(Summary) error { return nil }

// codeQuality writes GitLab's report (docs.gitlab.com/ci/testing/code_quality).
type codeQuality struct {
	w      io.Writer
	issues []codeIssue
}

type codeIssue struct {
	Description string `json:"description"`
	CheckName   string `json:"check_name"`
	Fingerprint string `json:"fingerprint"` // the same as long as the finding is
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}

func (c *codeQuality) File(f File) error {
	seen := map[string]int{}
	add := func(check, severity, text string, line int) {
		key := strings.Join([]string{f.Path, check, text}, "\x00")
		seen[key]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
		issue := codeIssue{Description: text, CheckName: check, Fingerprint: hex.EncodeToString(sum[:16]), Severity: severity}
		issue.Location.Path, issue.Location.Lines.Begin = f.Path, line
		c.issues = append(c.issues, issue)
	}
	if f.Status == Failed {
		add("drydock", "blocker", f.Error.Message, f.Error.Line)
	}
	for _, o := range f.Outcomes {
		if o.Status == Applied {
			add(o.Fixer, "minor", o.Text(), o.Line)
		}
	}
	return nil
}

func (c *codeQuality) End(Summary) error {
	encoder := json.NewEncoder(c.w)
	encoder.SetIndent("", " ")
	return encoder.Encode(append([]codeIssue{}, c.issues...))
}

// markdown writes a table for a job's summary or a comment.
type markdown struct {
	w    io.Writer
	rows int
}

func (m *markdown) File(f File) error {
	if f.Status == Failed {
		return m.row(f.Path, f.Error.Line, "**failed**", f.Error.Message)
	}
	for _, o := range f.Outcomes {
		if err := m.row(f.Path, o.Line, o.Fixer, o.Text()); err != nil {
			return err
		}
	}
	return nil
}

func (m *markdown) row(path string, line int, fixer, text string) error {
	if m.rows == 0 {
		if _, err := fmt.Fprint(m.w, "| place | fixer | finding |\n|---|---|---|\n"); err != nil {
			return err
		}
	}
	m.rows++
	_, err := fmt.Fprintf(m.w, "| %s:%d | %s | %s |\n", Harmless(path), line, fixer, Harmless(text))
	return err
}

func (m *markdown) End(s Summary) error {
	if m.rows > 0 {
		if _, err := fmt.Fprintln(m.w); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(m.w, Harmless(s.Text("to change")))
	return err
}
