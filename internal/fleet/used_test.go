package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// used is what a process took.
type used struct {
	memory    int64 // bytes, at most at a time
	processor time.Duration
}

func (u used) megabytes() int64 { return u.memory >> 20 }

// mostMemory is what is promised, in bytes.
const mostMemory = 500 << 20

func (u used) within(t *testing.T) {
	t.Helper()
	if u.memory > mostMemory {
		t.Errorf("%d MB, and %d are promised", u.megabytes(), mostMemory>>20)
	}
}

// toldIn is the variable for the file in which a process tells of its peak at the end:
// ru_maxrss of a child has what its parent took in it.
const toldIn = "DRYDOCK_FLEET_PEAK"

// tellPeak tells of this process's, if that is asked for.
func tellPeak() {
	if file := os.Getenv(toldIn); file != "" {
		_ = os.WriteFile(file, fmt.Append(nil, peak("self")), 0o600)
	}
}

// toldPeak reads what a process told in a folder, in bytes.
func toldPeak(t *testing.T, file string) int64 {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// peak is how much memory a process has taken at most so far, in bytes; 0 where that
// cannot be known.
func peak(process string) int64 {
	text, err := os.ReadFile(filepath.Join("/proc", process, "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
			kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}
