package report

import "io"

// A Writer writes a report file by file and ends it with a summary.
type Writer interface {
	File(File) error
	End(Summary) error
}

// Formats are the forms of a report besides text, by the name that users select.
// What is declined is told by those that a program reads.
var Formats = map[string]func(io.Writer, Tool) Writer{
	"json":     func(w io.Writer, _ Tool) Writer { return &JSON{W: w} },
	"sarif":    func(w io.Writer, t Tool) Writer { return &sarifWriter{w: w, tool: t} },
	"github":   func(w io.Writer, _ Tool) Writer { return annotations{w} },
	"gitlab":   func(w io.Writer, _ Tool) Writer { return &codeQuality{w: w} },
	"markdown": func(w io.Writer, _ Tool) Writer { return &markdown{w: w} },
}

// A Tool is what a report says of drydock itself.
type Tool struct {
	Version string
	Rules   []Rule
}

// A Rule is a fixer in a report.
type Rule struct{ Name, Title, Why string }
