package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// A progress draws a bar on standard error. It stays silent for the first second,
// and always where no terminal is.
type progress struct {
	w           io.Writer // nil: silent
	total, done int
	next        time.Time // when to draw again
	drawn       bool
}

const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
	progressWidth = 30 // of the bar, in characters
)

func newProgress(o *Options, total int) *progress {
	p := &progress{total: total, next: time.Now().Add(progressAfter)}
	if o.IO.ErrTerminal && !o.Quiet && o.IO.Getenv("TERM") != "dumb" {
		p.w = o.IO.Err
	}
	return p
}

// step counts one file more.
func (p *progress) step() { p.at(p.done + 1) }

// at says how many are done.
func (p *progress) at(done int) {
	p.done = done
	now := time.Now()
	if p.w == nil || now.Before(p.next) {
		return
	}
	p.next = now.Add(progressEvery)
	p.drawn = true
	full := progressWidth * p.done / max(p.total, 1)
	fmt.Fprintf(p.w, "\r[%s%s] %d/%d", strings.Repeat("=", full), strings.Repeat(" ", progressWidth-full), p.done, p.total)
}

// clear wipes the bar, so that other text can stand there.
func (p *progress) clear() {
	if p.drawn {
		p.drawn = false
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
