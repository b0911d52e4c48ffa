package contract

import (
	"bufio"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-dev/drydock/internal/syntax"
)

// Refused is why Docker refuses a file. Line and Column count from 1.
type Refused struct {
	Line, Column int
	Message      string
}

func (r *Refused) Error() string {
	return fmt.Sprintf("%d:%d: %s", r.Line, r.Column, r.Message)
}

// Accept returns a *Refused if BuildKit's parser or its instruction parser
// refuses the file.
func Accept(file *syntax.File) error { return accept(file, nil) }

func accept(file *syntax.File, known *Accepted) error {
	if len(file.Problems) == 0 {
		read := readAsked(file)
		text := known.unknown(read)
		if text == "" {
			return nil
		}
		if ask(text) == nil {
			known.add(read)
			return nil
		}
	}
	if err := ask(file.Text); err != nil {
		return refused(file, err)
	}
	return nil
}

// ask asks BuildKit whether it accepts a file.
func ask(text string) error {
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return err
	}
	// Neither nil nor the zero value: "# check=" in a comment would crash BuildKit.
	_, _, err = instructions.Parse(result.AST, linter.New(&linter.Config{}))
	return err
}

func refused(file *syntax.File, err error) *Refused {
	r := &Refused{Line: 1, Column: 1, Message: short(err.Error())}
	var at *parser.LocationError
	if errors.As(err, &at) && len(at.Locations) > 0 && len(at.Locations[0]) > 0 {
		r.Line = max(1, at.Locations[0][0].Start.Line)
	} else if len(file.Problems) > 0 {
		r.Line = file.Position(file.Problems[0].Offset).Line
	}
	if strings.HasPrefix(r.Message, tooLong) {
		r.Line = 1 + max(0, slices.IndexFunc(file.Lines, isTooLong))
	}
	for _, inst := range file.Instructions {
		if at := inst.Position(); at.Line == r.Line {
			r.Column = at.Column
		}
	}
	return r
}

// tooLong begins BuildKit's message about a line of which it names the one before.
const tooLong = "dockerfile line greater than max allowed size"

func isTooLong(line syntax.Line) bool { return line.Len() > bufio.MaxScanTokenSize }

// short is BuildKit's message on one line, without the position before it and
// the advice behind it.
func short(message string) string {
	if rest, ok := strings.CutPrefix(message, "dockerfile parse error on line "); ok {
		if _, after, ok := strings.Cut(rest, ": "); ok {
			message = after
		}
	}
	message, _, _ = strings.Cut(message, "\n")
	message, _, _ = strings.Cut(message, " (did you mean ")
	return strings.TrimSpace(message)
}
