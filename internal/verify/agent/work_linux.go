package agent

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// idle is how many looks in a row must find nobody at work, before a command that
// listens nowhere yet counts as started.
const idle = 20

// atWork reports whether a thread of a process other than except runs, waits for its
// turn, or waits for a disk (proc_pid_stat(5): states R and D). A program that still
// starts does, on a busy machine too.
func atWork(proc string, except int) bool {
	names, err := filepath.Glob(filepath.Join(proc, "[0-9]*", "task", "[0-9]*", "stat"))
	if err != nil {
		return false
	}
	own := filepath.Join(proc, strconv.Itoa(except)) + string(filepath.Separator)
	for _, name := range names {
		if strings.HasPrefix(name, own) {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil { // it has ended
			continue
		}
		// The name of a program is in parentheses, and may hold any character.
		line := string(text)
		state := line[strings.LastIndex(line, ")")+1:]
		if strings.HasPrefix(state, " R") || strings.HasPrefix(state, " D") {
			return true
		}
	}
	return false
}
