package numericuser_test

import (
	"testing"

	"github.com/drydock-dev/drydock/fixers/numericuser"
	"github.com/drydock-dev/drydock/internal/fixtest"
)

func TestCases(t *testing.T) { fixtest.Run(t, "testdata/*.txtar", numericuser.Fixer) }
