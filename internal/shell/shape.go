package shell

import "strings"

// Shape is a step as the shell gets it with § for each command, blanks single
// and none around the commands: "if§; then§; fi". The commands that omit reports are left out together with
// the operator before them.
func (s *Script) Shape(step *Step, omit func(*Command) bool) string {
	var b strings.Builder
	at := step.start
	for _, c := range step.Commands {
		if c.start < at {
			continue // in a substitution of the command before it
		}
		between := oneLine(s.text.Text[at:c.start])
		at = max(at, c.end)
		if omit(c) {
			b.WriteString(strings.TrimRight(strings.TrimSuffix(between, "&&"), "; "))
			continue
		}
		b.WriteString(between + "§")
	}
	b.WriteString(oneLine(s.text.Text[at:max(at, step.end)]))
	return b.String()
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
