package dependencycopy_test

import (
	"testing"

	"github.com/drydock-dev/drydock/fixers/dependencycopy"
	"github.com/drydock-dev/drydock/internal/fixtest"
)

func TestCases(t *testing.T) { fixtest.Run(t, "testdata/*.txtar", dependencycopy.Fixer) }
