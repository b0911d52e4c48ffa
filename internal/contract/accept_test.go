package contract_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/contract"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

func TestRefused(t *testing.T) {
	for text, want := range map[string]contract.Refused{
		"":                            {Line: 1, Column: 1, Message: "file with no instructions"},
		"RUN x\n":                     {Line: 1, Column: 1, Message: "no build stage in current context"},
		"FROM a\n\n  COPY x\n":        {Line: 3, Column: 3, Message: "COPY requires at least two arguments, but only one was provided. Destination could not be determined"},
		"FROM a\nRUNN x\n":            {Line: 2, Column: 1, Message: "unknown instruction: RUNN"},
		"FROM a\nUSER 1\nUSER\n":      {Line: 3, Column: 1, Message: "USER requires exactly one argument"},
		"FROM a\nCOPY --user=z x y\n": {Line: 2, Column: 1, Message: "unknown flag: --user"},
		"FROM a\nRUN " + strings.Repeat("x", 1<<16) + "\nRUN y\n": {Line: 2, Column: 1, Message: "dockerfile line greater than max allowed size of 65535"},
	} {
		file := syntax.Parse(source.New("Dockerfile", text))
		err := contract.Accept(file)
		var got *contract.Refused
		if !errors.As(err, &got) {
			t.Errorf("%q: error %v is no *Refused", text, err)
			continue
		}
		if *got != want {
			t.Errorf("%q:\n got %+v\nwant %+v", text, *got, want)
		}
	}
}
