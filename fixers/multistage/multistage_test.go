package multistage_test

import (
	"testing"

	"github.com/drydock-dev/drydock/fixers/multistage"
	"github.com/drydock-dev/drydock/internal/fixtest"
)

func TestCases(t *testing.T) { fixtest.Run(t, "testdata/*.txtar", multistage.Fixer) }
