package build

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/syntax"
)

// A Copy is a COPY or ADD.
type Copy struct {
	Inst    *syntax.Instruction
	Sources []CopySource
	Dest    string      // absolute; "" if unknown. It ends in / if files go into it
	Raw     syntax.Word // the destination as written
	Chown   string      // the --chown as written, "" without one
	Stage   *Stage      // the stage of --from, or nil
	From    string      // the --from as written; "" for the build context
}

// A CopySource is one source of a Copy.
type CopySource struct {
	Path string // variables replaced; "" if unknown
	Word syntax.Word
	// Heredoc: the source is a document in the Dockerfile itself.
	Heredoc bool
}

// CopyOf reads a COPY or ADD of the stage, and reports false for any other
// instruction and for one without source or destination.
func (s *Stage) CopyOf(inst *syntax.Instruction) (Copy, bool) {
	if inst.Name != "COPY" && inst.Name != "ADD" {
		return Copy{}, false
	}
	words := inst.Words()
	if len(words) < 2 {
		return Copy{}, false
	}
	last := len(words) - 1
	c := Copy{Inst: inst, Raw: words[last], Chown: inst.FlagValue("chown"), From: inst.FlagValue("from")}
	if c.From != "" {
		c.Stage = s.stageOf(c.From)
	}
	for _, w := range words[:last] {
		src := CopySource{Word: w, Heredoc: isHeredoc(inst, w.Text)}
		if x := s.Expand(inst, w.Text); x.Known {
			src.Path = x.Text
		}
		c.Sources = append(c.Sources, src)
	}
	c.Dest = s.destination(inst, words[last].Text, len(c.Sources))
	return c, true
}

func isHeredoc(inst *syntax.Instruction, word string) bool {
	return len(inst.Heredocs) > 0 && strings.HasPrefix(strings.TrimLeft(word, "0123456789"), "<<")
}

func (s *Stage) destination(inst *syntax.Instruction, word string, sources int) string {
	x := s.Expand(inst, word)
	if !x.Known || x.Text == "" {
		return ""
	}
	into := strings.HasSuffix(x.Text, "/") || x.Text == "." || strings.HasSuffix(x.Text, "/.") || sources > 1
	dest := x.Text
	if !strings.HasPrefix(dest, "/") {
		workdir := s.WorkdirAt(inst)
		if workdir == "" {
			return ""
		}
		dest = path.Join(workdir, dest)
	}
	dest = path.Clean(dest)
	if into && dest != "/" {
		dest += "/"
	}
	return dest
}

// IsBroad reports whether the source takes in a whole folder of unknown content:
// the context itself, a pattern that can match any file, or a path that is not
// known.
func (src CopySource) IsBroad() bool {
	switch strings.TrimSuffix(src.Path, "/") {
	case "", ".", "./.", "*", "./*", "**":
		return true
	}
	return false
}
