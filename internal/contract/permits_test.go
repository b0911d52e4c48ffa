package contract_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/contract"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

func read(t testing.TB, text string) *contract.Reading {
	t.Helper()
	file := syntax.Parse(source.New("Dockerfile", text))
	if err := contract.Accept(file); err != nil {
		t.Fatalf("Docker refuses the case itself: %v\n%s", err, text)
	}
	return contract.Read(file, build.New(file, build.Options{}), nil, nil)
}

// A rewrite is a case: why is a part of the violation, "" where the rewrite is
// permitted.
type rewrite struct {
	name          string
	before, after string
	changes       []fix.Change
	why           string
}

func check(t *testing.T, cases []rewrite) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := read(t, c.before).Permits(read(t, c.after), c.changes)
			var v *contract.Violation
			switch {
			case err == nil && c.why != "":
				t.Errorf("is permitted; want a violation: %s", c.why)
			case err != nil && c.why == "":
				t.Errorf("is not permitted: %v", err)
			case err != nil && (!errors.As(err, &v) || !strings.Contains(err.Error(), c.why)):
				t.Errorf("violation %q does not say %q", err, c.why)
			}
		})
	}
}

func change(kind fix.ChangeKind, subject string) []fix.Change {
	return []fix.Change{{Kind: kind, Subject: subject}}
}

func TestComments(t *testing.T) {
	const before = "# top\nFROM a\nRUN x \\\n  # inner\n  && y\n"
	check(t, []rewrite{
		{name: "moves", before: before, after: "FROM a\n# inner\n# top\nRUN x && y\n"},
		{name: "is lost", before: before, after: "# top\nFROM a\nRUN x \\\n  && y\n", why: `the comment "inner" is lost`},
		{name: "is declared", before: before, after: "# top\nFROM a\nRUN x \\\n  && y\n", changes: change(fix.DropComment, "inner")},
		{name: "is lost once of twice", before: "# a\n# a\nFROM a\n", after: "# a\nFROM a\n", why: `the comment "a" is lost`},
	})
}

func replace(text, old, new string) string {
	if !strings.Contains(text, old) {
		panic("the case does not hold " + old)
	}
	return strings.Replace(text, old, new, 1)
}
