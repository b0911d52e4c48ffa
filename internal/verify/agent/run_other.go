//go:build !linux

package agent

import (
	"errors"
	"io"
)

// Run runs nothing here: containers are Linux.
func Run([]string, io.Reader, io.Writer, io.Writer) error {
	return errors.New("the agent runs in Linux containers")
}
