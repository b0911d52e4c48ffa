package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/report"
)

// A printer writes results as they come. Its first error is about standard output
// or standard error themselves.
type printer struct {
	options  *Options
	out, err *bufio.Writer
	palette  report.Palette // of out
	aside    report.Palette // of err
	report   report.Writer  // nil for text
	summary  report.Summary
	changed  string                           // what became of the files that differ
	hint     string                           // how the declines are seen that are only counted
	told     map[string]bool                  // the configurations whose error was printed
	show     func(p *printer, r result) error // prints a result that was done, as text
}

// verboseHint follows a count of what is declined.
const verboseHint = "; -v says why"

func newPrinter(o *Options, show func(*printer, result) error) *printer {
	p := &printer{options: o, out: bufio.NewWriter(o.IO.Out), err: bufio.NewWriter(o.IO.Err), show: show, changed: "to change"}
	p.palette, p.aside = o.IO.palettes(o.Color)
	if format, ok := report.Formats[o.Format]; ok {
		p.report = format(p.out, tool(o.Fixers))
	}
	return p
}

// tool is what a report says of drydock.
func tool(fixers []fix.Fixer) report.Tool {
	t := report.Tool{Version: release()}
	for _, f := range fixers {
		t.Rules = append(t.Rules, report.Rule{Name: f.Name, Title: f.Doc.Title, Why: wrapped(f.Doc.Why, unbroken, "")})
	}
	return t
}

// sweep runs s, prints everything, and gives errFailed if a file failed.
func (p *printer) sweep(ctx context.Context, s *sweep) error {
	err := s.run(ctx, p.print)
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted; every file is whole, and those not reported are as they were")
	}
	var broken *config.Error
	if errors.As(err, &broken) {
		return err
	}
	if err == nil {
		err = p.end()
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if p.summary.Failed > 0 {
		return errFailed
	}
	return nil
}

func (p *printer) print(r result) error {
	p.summary.Add(r.File)
	return errors.Join(p.result(r), p.asides(r), p.err.Flush(), p.out.Flush())
}

// result prints to standard output.
func (p *printer) result(r result) error {
	if p.report != nil {
		return p.report.File(r.File)
	}
	if r.Error != nil {
		return nil
	}
	return p.show(p, r)
}

// asides prints what is not the result to standard error.
func (p *printer) asides(r result) error {
	var errs []error
	switch r.Status {
	case report.Failed:
		errs = append(errs, p.failure(r))
	case report.Skipped:
		if p.options.Verbose {
			errs = append(errs, p.aside.WriteSkipped(p.err, r.Path, r.Error.Message))
		}
	}
	for _, note := range r.notes {
		if !p.options.Quiet {
			errs = append(errs, p.aside.WriteError(p.err, r.Path, note))
		}
	}
	return errors.Join(errs...)
}

// failure prints why a file failed. What is wrong with a configuration is said once,
// at its own place.
func (p *printer) failure(r result) error {
	c := r.configuration
	if c == nil {
		return p.aside.WriteError(p.err, r.Path, *r.Error)
	}
	if p.told[c.Path] {
		return nil
	}
	if p.told == nil {
		p.told = map[string]bool{}
	}
	p.told[c.Path] = true
	return p.aside.WriteError(p.err, c.Path, report.Error{Line: c.Line, Column: c.Column, Message: c.Message})
}

func (p *printer) end() error {
	var err error
	if p.report != nil {
		err = p.report.End(p.summary)
	}
	if !p.options.Quiet {
		fmt.Fprintln(p.err, p.summary.Text(p.changed)+p.hinted())
	}
	return errors.Join(err, p.out.Flush(), p.err.Flush())
}

// hinted gives the hint where it helps.
func (p *printer) hinted() string {
	if p.options.Verbose || p.report != nil || len(p.summary.Declined) == 0 {
		return ""
	}
	return p.hint
}

// diff prints a diff to standard output. One that a person looks at does not steer the
// terminal.
func (p *printer) diff(text string) error {
	return p.palette.WriteDiff(p.out, p.options.IO.shown(text))
}

// outcomesAside prints all findings to standard error if -v asks for them.
func (p *printer) outcomesAside(r result) error {
	if !p.options.Verbose {
		return nil
	}
	for _, o := range r.Outcomes {
		if err := p.aside.WriteOutcome(p.err, r.Path, o); err != nil {
			return err
		}
	}
	return nil
}

// outcomes prints to standard output the findings that are to be shown.
func (p *printer) outcomes(r result, shown func(report.Outcome) bool) error {
	for _, o := range r.Outcomes {
		if !shown(o) {
			continue
		}
		if err := p.palette.WriteOutcome(p.out, r.Path, o); err != nil {
			return err
		}
	}
	return nil
}
