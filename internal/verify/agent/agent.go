// Package agent is what drydock runs of itself inside a container that it
// verifies: an image may have no shell and no program but its own. "drydock agent
// hold" keeps the container, "watch" looks at the ports of the container and
// talks HTTP to them, and "written" lists the files that were written since a
// time. "run" runs a program of the image as the image's user and tells its exit
// code: a container of BuildKit's ends with the first process that fails.
// "enclose" alone runs outside, around a builder that would leave containers.
//
// It needs nothing of the image and changes nothing in it.
package agent

import (
	"strconv"
	"time"
)

// A Seen is what watch saw.
type Seen struct {
	Listening []int    `json:"listening"` // TCP ports, sorted
	Answers   []Answer `json:"answers"`
}

// An Answer is one to GET / on a port.
type Answer struct {
	Port   int    `json:"port"`
	Status int    `json:"status"` // 0 if what listens speaks no HTTP
	Body   string `json:"body"`   // its beginning
}

// Watched says what watch waits for: beside the ports, where nothing listens at all,
// that nothing is at work any more, as what starts may still fail.
type Watched struct {
	Ports  []int         // it waits until all of them listen
	Limit  time.Duration // at most so long
	Settle time.Duration // at least so long
}

// Args is the command line for it.
func (w Watched) Args() []string {
	args := []string{"watch", w.Limit.String(), w.Settle.String()}
	for _, p := range w.Ports {
		args = append(args, strconv.Itoa(p))
	}
	return args
}

// An Ended is how a program that "run" or "enclose" ran ended.
type Ended struct {
	Code  int    `json:"code"`
	Fault string `json:"fault,omitempty"` // why it was not started
}
