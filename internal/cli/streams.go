package cli

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/drydock-dev/drydock/internal/report"
)

// Streams are what a command talks through.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// OutTerminal and ErrTerminal say that a person looks at Out or Err.
	OutTerminal, ErrTerminal bool
	// OutWidth and ErrWidth are those of the terminals, in characters; 0 if one is not known.
	OutWidth, ErrWidth func() int
	Getenv             func(string) string
}

// System gives the streams of the process.
func System() Streams {
	return Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		OutWidth:    func() int { return widthOf(os.Stdout) },
		ErrWidth:    func() int { return widthOf(os.Stderr) },
		Getenv:      os.Getenv,
	}
}

func widthOf(terminal *os.File) int {
	width, _, err := term.GetSize(int(terminal.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// shown gives a text of a repository as Out is to have it: byte for byte, but where a
// person looks at it, who is not to be misled.
func (s Streams) shown(text string) string {
	if s.OutTerminal {
		return report.Visible(text)
	}
	return text
}

// palettes gives the colours for Out and Err. when is the value of --color;
// "auto" heeds NO_COLOR (no-color.org) and a terminal that can do nothing.
func (s Streams) palettes(when string) (out, err report.Palette) {
	choose := func(terminal bool) report.Palette {
		plain := s.Getenv("NO_COLOR") != "" || s.Getenv("TERM") == "dumb"
		if when == "always" || when == "auto" && terminal && !plain {
			return report.Colours
		}
		return report.Palette{}
	}
	return choose(s.OutTerminal), choose(s.ErrTerminal)
}
