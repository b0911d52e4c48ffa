package verify

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/verify/builder"
	"github.com/drydock-dev/drydock/internal/verify/probe"
)

// A command that ends on one of the images is given time to end on the other.
func TestACommandThatEndsMayTakeLonger(t *testing.T) {
	up, ended := probe.Result{Up: true}, probe.Result{}
	serving := probe.Result{Up: true}
	serving.Seen.Listening = []int{80}
	failed := probe.Result{ExitCode: 1}
	for name, c := range map[string]struct {
		of             *observation
		mayEnd, hasEnd bool
	}{
		"up":            {&observation{probe: &up}, true, false},
		"serves":        {&observation{probe: &serving}, false, false},
		"ended":         {&observation{probe: &ended}, false, true},
		"failed":        {&observation{probe: &failed}, false, false},
		"did not build": {&observation{failure: &builder.Failure{}}, false, false},
		"not started":   {&observation{unstarted: &builder.UnstartedError{}, probe: &ended}, false, false},
	} {
		if mayEnd(c.of) != c.mayEnd || ends(c.of) != c.hasEnd {
			t.Errorf("%s: may end %v, ends %v", name, mayEnd(c.of), ends(c.of))
		}
	}
}
