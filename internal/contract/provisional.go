package contract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// Refused says that Docker refuses a file, and where.
type Refused struct {
	Line, Column int
	Message      string
}

func (r *Refused) Error() string { return fmt.Sprintf("%d:%d: %s", r.Line, r.Column, r.Message) }

// A Reading is what the contract is about.
type Reading struct{}

// Read reads a file.
func Read(file *syntax.File, model *build.Model) (*Reading, error) {
	result, err := parser.Parse(strings.NewReader(file.Text))
	if err == nil {
		_, _, err = instructions.Parse(result.AST, &linter.Linter{})
	}
	if err != nil {
		r := &Refused{Line: 1, Column: 1, Message: err.Error()}
		var located *parser.LocationError
		if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
			r.Line = max(1, located.Locations[0][0].Start.Line)
		}
		return nil, r
	}
	return &Reading{}, nil
}

// Permits reports what changed without being declared.
func (before *Reading) Permits(after *Reading, changes []fix.Change) error { return nil }
