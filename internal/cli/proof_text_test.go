package cli

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/verify"
)

func TestProofText(t *testing.T) {
	r := &verify.Report{
		Before:  &verify.Side{Size: 300e6, Layers: []int64{1, 2}, User: "root", Start: "up", Ports: []int{80}, Rebuild: &verify.Timing{Seconds: 12.5}},
		After:   &verify.Side{Size: 100e6, Layers: []int64{1}, User: "1001", Start: "up", Ports: []int{80}, Rebuild: &verify.Timing{Seconds: 1.5}},
		Removed: []string{"gcc", "make"},
		RolledBack: []verify.RolledBack{
			{Fixer: "numeric-user", Line: 3, Message: "run as 1001", Reason: "start: @everyone <b> \x1b[31mfails | #1"},
		},
	}
	got := proofText("api/Dockerfile", r)
	for _, want := range []string{
		"api/Dockerfile was built and started", "| size | 300.0 MB | 100.0 MB |", "| layers | 2 | 1 |", "| user | root | 1001 |",
		"| start | up, listens on 80 | up, listens on 80 |", "System packages removed (2)", "gcc, make", "line 3, numeric-user, run as 1001",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
	for _, bad := range []string{"12.5", "1.5 s", "@everyone", "<b>", "\x1b", "#1"} {
		if strings.Contains(got, bad) {
			t.Errorf("it has %q:\n%s", bad, got)
		}
	}
}
