package packagecleanup_test

import (
	"testing"

	"github.com/drydock-dev/drydock/fixers/packagecleanup"
	"github.com/drydock-dev/drydock/internal/fixtest"
)

func TestCases(t *testing.T) { fixtest.Run(t, "testdata/*.txtar", packagecleanup.Fixer) }
