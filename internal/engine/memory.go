package engine

import "runtime/debug"

// GCPercent is what programs that rewrite files do well to collect garbage at: a
// file's is small and short-lived.
const GCPercent = 400

// A run over many files leaves 50 MB of garbage every 200 files, and holds 10 MB. It
// collects where the memory of the process comes near to sweepMemory, which saves a
// tenth of the CPU time that GCPercent takes.
const (
	sweepGCPercent = 1600
	sweepMemory    = 180 << 20
)

// TuneForSweep sets the collection of garbage for a run over many files, and returns
// what sets it back. A limit from outside (GOMEMLIMIT) that is lower stays.
func TuneForSweep() (restore func()) {
	percent := debug.SetGCPercent(sweepGCPercent)
	limit := debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(limit, sweepMemory))
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}
