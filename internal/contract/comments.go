package contract

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// directives checks that the parser directives are the same: each changes how
// Docker reads the whole file.
func directives(c *comparison) {
	before, after := c.before.file.Directives, c.after.file.Directives
	same := slices.EqualFunc(before, after, func(a, b syntax.Directive) bool {
		return a.Name == b.Name && a.Value == b.Value
	})
	if !same {
		c.differs("the parser directives (# syntax, # escape, # check) are not the same")
	}
}

// comments checks that no comment is lost.
func comments(c *comparison) {
	kept := bag{}
	for _, text := range c.after.commentTexts() {
		kept[text]++
	}
	for _, text := range c.before.commentTexts() {
		if !kept.take(text) && !c.declared.has(fix.DropComment, text) {
			c.differs("the comment %q is lost", brief(text))
		}
	}
}

// commentTexts returns the text of every comment, those of scripts in heredocs
// included, without # and blanks around.
func (r *Reading) commentTexts() []string {
	if r.comments != nil {
		return r.comments
	}
	r.comments = []string{}
	for _, line := range r.file.Lines {
		if line.IsComment() {
			r.comments = append(r.comments, words(r.file.CommentText(line)))
		}
	}
	for _, run := range r.runs {
		if run.script.Form != shell.Heredoc {
			continue
		}
		for _, line := range run.inst.Lines() {
			text := strings.TrimSpace(r.file.Slice(line.Span))
			if line.Kind == syntax.HeredocLine && strings.HasPrefix(text, "#") {
				r.comments = append(r.comments, words(r.file.CommentText(line)))
			}
		}
	}
	return r.comments
}

// heredocs checks that the documents that instructions carry are the same. The
// scripts among them are compared command by command, see commands.
func heredocs(c *comparison) {
	kept := bag{}
	for _, body := range c.after.documents() {
		kept[body]++
	}
	for _, body := range c.before.documents() {
		if !kept.take(body) {
			c.differs("the heredoc that begins with %q is changed or lost", brief(firstLine(body)))
		}
	}
}

func (r *Reading) documents() []string {
	var bodies []string
	for _, inst := range r.file.Instructions {
		if inst.Trigger != nil {
			inst = inst.Trigger
		}
		if len(inst.Heredocs) == 0 || r.isScript(inst) {
			continue
		}
		for _, h := range inst.Heredocs {
			bodies = append(bodies, r.file.Slice(h.Body))
		}
	}
	return bodies
}

func (r *Reading) isScript(inst *syntax.Instruction) bool {
	for _, run := range r.runs {
		if run.inst == inst {
			return run.script.Form == shell.Heredoc
		}
	}
	return false
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
