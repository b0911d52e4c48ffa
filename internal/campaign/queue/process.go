package queue

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Process names this process.
func Process() string { return fmt.Sprintf("%s:%d", host(), os.Getpid()) }

func host() string {
	name, err := os.Hostname()
	if err != nil {
		return "host"
	}
	return name
}

// IsDead reports whether a process that had this name is known to be dead: it was
// on this machine, and is there no more.
func IsDead(name string) bool {
	on, number, ok := strings.Cut(name, ":")
	pid, err := strconv.Atoi(number)
	if !ok || err != nil || on != host() {
		return false
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	err = process.Signal(syscall.Signal(0))
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)
}
