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
	w           io.Writer  // nil: silent
	width       func() int // of the terminal; 0 if it is not known
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
	p := &progress{width: o.IO.ErrWidth, total: total, next: time.Now().Add(progressAfter)}
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
	fmt.Fprint(p.w, "\r"+p.bar())
}

// bar is the bar and the numbers: as much of it as a line of the terminal holds, since
// what is longer stays above the next one.
func (p *progress) bar() string {
	numbers := fmt.Sprintf("%d/%d", p.done, p.total)
	wide := progressWidth
	if columns := p.width(); columns > 0 {
		wide = min(wide, columns-len("[] ")-len(numbers)-1)
	}
	if wide < 1 {
		return numbers
	}
	full := wide * p.done / max(p.total, 1)
	return fmt.Sprintf("[%s%s] %s", strings.Repeat("=", full), strings.Repeat(" ", wide-full), numbers)
}

// clear wipes the bar, so that other text can stand there.
func (p *progress) clear() {
	if p.drawn {
		p.drawn = false
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
