package contract

import (
	"slices"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/internal/syntax"
)

// An Accepted remembers what BuildKit accepts, so that it is not asked again: about what
// a rewrite has kept, and what one file after the other says. It may be used from
// several goroutines. The zero value is ready, and nil remembers nothing.
type Accepted struct {
	mu    sync.Mutex
	parts map[part]bool
	size  int // bytes of their texts
}

// A part is a piece of a file that BuildKit accepts, or not, whatever stands around it.
type part struct {
	text   string
	head   bool // the text up to the first FROM; else an instruction behind that
	escape byte
}

// maxAccepted bounds the texts that are remembered; most are lines.
const maxAccepted = 2 << 20

// An asked is what BuildKit's acceptance of a file hangs on.
//
// Its time goes by the lines and bytes of a file, most of which it does not look at:
// the commands of RUNs, and what words say. Whether it accepts an instruction hangs on
// the instruction and the escape character alone, once a stage has begun.
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
	a := &asked{head: headOf(file, file.Instructions[from]), escape: file.Escape}
	for _, inst := range file.Instructions[from+1:] {
		a.instructions = append(a.instructions, askedOf(inst))
	}
	return a
}

// headOf is a file up to its first FROM, with an empty comment for comments and blank
// lines that cannot be taken for directives: what follows one is none.
func headOf(file *syntax.File, from *syntax.Instruction) string {
	var b strings.Builder
	skips := false
	for _, line := range file.Lines[:from.FirstLine] {
		text := file.Slice(line.Span)
		if line.Kind != syntax.BlankLine && line.Kind != syntax.CommentLine || strings.Contains(text, "=") {
			b.WriteString(text)
			skips = false
			continue
		}
		if !skips {
			b.WriteString("#\n")
		}
		skips = true
	}
	b.WriteString(askedOf(from))
	return b.String()
}

// askedOf is the lines of an instruction with its arguments brought down to their shape.
func askedOf(inst *syntax.Instruction) string {
	file, lines := inst.File(), inst.FullLines()
	if ahead, any := beforeCommand(inst); any {
		return ahead + "x\n"
	}
	if !slices.Contains(shaped, inst.Name) && (inst.Name != "FROM" || len(inst.Words()) != 1) || len(inst.Heredocs) > 0 || inst.Args.Text == "" {
		return file.Slice(lines)
	}
	shape, ok := shapeOf(inst)
	if !ok {
		return file.Slice(lines)
	}
	return file.Text[lines.Start:inst.Args.Offset(0)] + shape + "\n"
}

// shaped are the instructions of whose arguments BuildKit's parsers ask how many there
// are and which are empty, but not what they say.
var shaped = []string{"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "MAINTAINER", "USER", "VOLUME", "WORKDIR"}

// takesHeredocs are those of them that announce heredocs.
var takesHeredocs = map[string]bool{"ADD": true, "COPY": true}

// shapeOf is the arguments of an instruction with an x for what in them means nothing to
// BuildKit's parsers. It reports false where they might mean more than it sees: an
// escape, a heredoc, JSON that is no array of strings.
func shapeOf(inst *syntax.Instruction) (string, bool) {
	args := inst.Args.Text
	if !inst.JSON && strings.Contains(args, "[") || takesHeredocs[inst.Name] && strings.Contains(args, "<") {
		return "", false
	}
	b := make([]byte, 0, len(args))
	inside := false
	for _, c := range []byte(args) {
		switch {
		case isPlain(c) || c == '-' && inside: // --flag keeps its dashes
			if !inside {
				b = append(b, 'x')
			}
			inside = true
			continue
		case c < ' ' && c != '\t', c > '~', c == '\\', c == '`':
			return "", false
		}
		inside = false
		b = append(b, c)
	}
	return string(b), true
}

func isPlain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("/._:@$+%~*{}", c) >= 0
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

// parts are what its acceptance comes down to.
func (a *asked) parts(yield func(part) bool) {
	if !yield(part{a.head, true, a.escape}) {
		return
	}
	for _, text := range a.instructions {
		if !yield(part{text, false, a.escape}) {
			return
		}
	}
}

// unknown is a file that BuildKit accepts only if it accepts the one that was read,
// which has no problems. It is "" where all of it is known.
func (k *Accepted) unknown(a *asked) string {
	if k == nil {
		return a.head + strings.Join(a.instructions, "")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	var b strings.Builder
	for p := range a.parts {
		if k.parts[p] {
			continue
		}
		if b.Len() == 0 && !p.head {
			b.WriteString(a.head)
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// add remembers a file that BuildKit accepts. Where that gets too much, all before it is
// forgotten.
func (k *Accepted) add(a *asked) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for p := range a.parts {
		if k.parts[p] {
			continue
		}
		if k.parts == nil || k.size > maxAccepted {
			k.parts, k.size = map[part]bool{}, 0
		}
		p.text = strings.Clone(p.text) // without the rest of the file
		k.parts[p] = true
		k.size += len(p.text)
	}
}
