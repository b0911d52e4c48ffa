package aptkeyring

import (
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
)

// A listing is a command that shows what apt-key has, and would find nothing any
// more: "apt-key fingerprint 0EBFCD88".
type listing struct {
	cmd   *shell.Command
	edits []edit.Edit // that remove it
}

// readListings finds the commands that read the keys of apt-key. The reason says
// which of them could not go.
func (c *change) readListings() (listings []listing, reason string) {
	for _, inst := range c.stage.Instructions {
		count := len(listings)
		for _, cmd := range runsOf(c.stage, inst) {
			name, args := cmd.Runs()
			if name != "apt-key" || len(args) == 0 || hasWord(args, "add") || hasWord(args, "adv") {
				continue
			}
			edits, ok := removal(cmd)
			if !ok || len(listings) > count || c.hasKeyFrom(cmd) {
				return nil, brief(cmd.Text()) + " reads the keys of apt-key"
			}
			listings = append(listings, listing{cmd, edits})
		}
	}
	return listings, ""
}

// hasKeyFrom reports whether a key is added at a command of its script or behind.
func (c *change) hasKeyFrom(cmd *shell.Command) bool {
	for _, k := range c.keys {
		if k.cmd.Script == cmd.Script && k.step >= cmd.Script.StepOf(cmd) {
			return true
		}
	}
	return false
}

// removal takes a command that only prints out of its script, or its instruction
// out of the file.
func removal(cmd *shell.Command) ([]edit.Edit, bool) {
	_, args := cmd.Runs()
	switch args[0].Value {
	case "list", "finger", "fingerprint":
	default:
		return nil, false
	}
	script := cmd.Script
	inst := script.Inst
	switch {
	case cmd.Step.Command() != cmd || cmd.Conditional || script.Form == shell.Exec:
		return nil, false
	case len(script.Steps) == 1 && script.Form == shell.Shell:
		f := inst.File()
		return []edit.Edit{edit.Delete(source.Span{Start: f.LineAt(inst.Span.Start).Start, End: f.AfterLine(inst.Span.End)})}, true
	}
	return script.Remove(script.StepOf(cmd))
}

func (c *change) drop(listings []listing) {
	for _, l := range listings {
		c.edits = append(c.edits, l.edits...)
		c.reads = append(c.reads, l.cmd.Script.Inst.Span)
		c.changes = append(c.changes, fix.Change{Kind: fix.DropCommand, Subject: l.cmd.Text()})
		c.notes = append(c.notes, "removed: "+brief(l.cmd.Text())+", which shows only the keys of apt-key")
	}
}
