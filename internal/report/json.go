package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes a report as one JSON object, file by file. The zero value with W
// set is ready.
type JSON struct {
	W    io.Writer
	open bool
}

// File writes one file.
func (j *JSON) File(f File) error {
	if f.Outcomes == nil {
		f.Outcomes = []Outcome{}
	}
	text, err := encode(f)
	if err != nil {
		return fmt.Errorf("report of %s: %w", f.Path, err)
	}
	separator := ",\n "
	if !j.open {
		j.open = true
		separator = j.head()
	}
	_, err = fmt.Fprintf(j.W, "%s%s", separator, text)
	return err
}

func (j *JSON) head() string { return fmt.Sprintf("{\"version\":%d,\n\"files\":[\n ", Version) }

// End writes the summary and closes the object.
func (j *JSON) End(s Summary) error {
	if s.Applied == nil {
		s.Applied = map[string]int{}
	}
	if s.Declined == nil {
		s.Declined = map[string]int{}
	}
	text, err := encode(s)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	head := ""
	if !j.open {
		head = j.head()
	}
	_, err = fmt.Fprintf(j.W, "%s],\n\"summary\":%s}\n", head, text)
	return err
}

// encode is json.Marshal that leaves <, > and & as they are: a diff is full of
// them, and nobody puts this into a web page unescaped.
func encode(value any) (string, error) {
	var out lineWriter
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return string(out), err
}

// lineWriter keeps what is written to it, without the final line feed that an
// encoder adds.
type lineWriter []byte

func (w *lineWriter) Write(p []byte) (int, error) {
	n := len(p)
	if n > 0 && p[n-1] == '\n' {
		p = p[:n-1]
	}
	*w = append(*w, p...)
	return n, nil
}
