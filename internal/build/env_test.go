package build_test

import (
	"slices"
	"testing"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// An ENV that takes its value from a build argument depends on it as well.
func TestExpansionDependsOnArgsThroughEnv(t *testing.T) {
	file := syntax.Parse(source.New("", "FROM scratch\nARG ID=1\nENV A=$ID B=b\nENV C=$A\nUSER $C$B\n"))
	stage := build.New(file, build.Options{}).Last()
	x := stage.Expand(stage.Last("USER"), "$C$B")
	if x.Text != "1b" || !slices.Equal(x.Args, []string{"ID"}) {
		t.Errorf("$C$B is %+v, want 1b, by the build argument ID", x)
	}
}
