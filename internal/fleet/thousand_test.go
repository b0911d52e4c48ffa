package fleet

import (
	"strings"
	"testing"
	"time"
)

// TestFleetThousand plans many repositories, in time and memory, and in a time that
// grows with them.
func TestFleetThousand(t *testing.T) {
	n := repositories(t)
	if n == 0 {
		t.Skip("make fleet runs this")
	}
	plan := func(n int) (took time.Duration, kilobytes int64) {
		f := newFolder(t, n)
		r := newRun(t, f.address(), nothing)
		begun := time.Now()
		out, usage := r.do("campaign", "plan", "c.yaml", "-q", "--report", "plan.html")
		took = time.Since(begun)
		if !strings.Contains(out, "planned") {
			t.Error(out)
		}
		begun = time.Now()
		r.do("campaign", "rescan", "c", "-q")
		t.Logf("%d repositories: planned in %v with %d MB, %v of the processor; a rescan in which nothing happened in %v",
			n, took.Round(time.Millisecond), usage.Maxrss>>10, time.Duration(usage.Utime.Nano()+usage.Stime.Nano()).Round(time.Millisecond), time.Since(begun).Round(time.Millisecond))
		return took, usage.Maxrss
	}
	few, _ := plan(max(n/4, 1))
	all, kilobytes := plan(n)
	if limit := 2 * time.Minute * time.Duration(n) / 1000; n >= 100 && all > limit {
		t.Errorf("%v, and %v is promised", all, limit)
	}
	if kilobytes > 500<<10 {
		t.Errorf("%d MB, and 500 are promised", kilobytes>>10)
	}
	if n >= 400 && all > 6*few {
		t.Errorf("a quarter takes %v, all take %v: that is not linear", few, all)
	}
}
