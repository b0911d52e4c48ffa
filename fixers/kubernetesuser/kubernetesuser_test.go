package kubernetesuser_test

import (
	"testing"

	"github.com/drydock-dev/drydock/fixers/kubernetesuser"
	"github.com/drydock-dev/drydock/internal/fixtest"
)

func TestCases(t *testing.T) { fixtest.Run(t, "testdata/*.txtar", kubernetesuser.Fixer) }
