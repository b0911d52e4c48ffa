package contract

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/syntax"
)

// An asked is what BuildKit's acceptance of a file hangs on.
//
// Its time goes by the bytes of a file, most of which are the commands of RUNs,
// which it does not look at; and most instructions of a rewrite stood in the file
// before. Whether it accepts an instruction hangs on the instruction and the escape
// character alone, once a stage has begun.
type asked struct {
	head         string // up to the first FROM, that included
	escape       byte
	instructions []string // behind it; see askedOf
}

func readAsked(file *syntax.File) *asked {
	from := slices.IndexFunc(file.Instructions, func(inst *syntax.Instruction) bool { return inst.Name == "FROM" })
	if from < 0 {
		return &asked{head: file.Text, escape: file.Escape}
	}
	a := &asked{head: file.Text[:file.Instructions[from].FullLines().End], escape: file.Escape}
	for _, inst := range file.Instructions[from+1:] {
		a.instructions = append(a.instructions, askedOf(inst))
	}
	return a
}

// askedOf is the lines of an instruction, but for the command of a RUN: to BuildKit
// that is any text, unless it may be JSON or announce a heredoc.
func askedOf(inst *syntax.Instruction) string {
	file, lines := inst.File(), inst.FullLines()
	ahead, any := beforeCommand(inst)
	if !any {
		return file.Slice(lines)
	}
	return ahead + "x\n"
}

// beforeCommand is what stands before the command of a RUN on its lines, if the
// command is any text to BuildKit.
func beforeCommand(inst *syntax.Instruction) (ahead string, any bool) {
	if inst.Name != "RUN" || inst.Args.Text == "" {
		return "", false
	}
	ahead = inst.File().Text[inst.FullLines().Start:inst.Args.Offset(0)]
	any = inst.Args.Text[0] != '[' && !strings.Contains(inst.Args.Text, "<<") && !strings.Contains(ahead, "<")
	return ahead, any
}

// text is a file that BuildKit accepts only if it accepts the one that was read,
// which has no problems and came of a file that it accepts, known, nil for none. It is
// "" where known has all of it.
func (a *asked) text(known *asked) string {
	has := map[string]bool{}
	if known != nil && known.escape == a.escape {
		for _, text := range known.instructions {
			has[text] = true
		}
	}
	var b strings.Builder
	for _, text := range a.instructions {
		if !has[text] {
			b.WriteString(text)
			has[text] = true
		}
	}
	if b.Len() == 0 && known != nil && known.head == a.head {
		return ""
	}
	return a.head + b.String()
}
