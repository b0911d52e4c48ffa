package aptkeyring

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/source"
)

// writeSource writes the source line that add-apt-repository would, whose older
// versions refuse the option signed-by:
//
//	add-apt-repository "deb https://h/ stable main"
//	=>  echo "deb [signed-by=…] https://h/ stable main" > /etc/apt/sources.list.d/x.list
func (c *change) writeSource(k *key, l *line) {
	name := k.path[strings.LastIndexByte(k.path, '/')+1:]
	file := "/etc/apt/sources.list.d/" + name[:strings.LastIndexByte(name, '.')] + ".list"
	op := ">"
	if len(k.lines) > 1 {
		op = ">>"
	}
	w := l.cmd.Words[l.word]
	echo := "echo " + signed(w.Raw, k.path)
	tail, after := " "+op+" "+file, []string{echo + " " + op + file}
	if prefix := prefixOf(l.cmd); prefix != "" {
		tee := prefix + "tee "
		if op == ">>" {
			tee += "-a "
		}
		tail, after = " | "+tee+file+" > /dev/null", []string{echo, tee + file + " >/dev/null"}
	}
	c.edits = append(c.edits,
		edit.Replace(source.Span{Start: l.cmd.Span.Start, End: w.Span.Start}, "echo "),
		edit.Replace(w.Span, signed(l.inst.File().Slice(w.Span), k.path)),
		edit.Replace(source.Span{Start: w.Span.End, End: l.cmd.Span.End}, tail))
	for _, text := range after {
		c.edited(l.inst, l.cmd.Text(), text)
	}
	c.changes = append(c.changes, fix.Change{Kind: fix.DropCommand, Subject: l.cmd.Text()})
}

// whyNotWrite is why add-apt-repository stays.
func whyNotWrite(l *line) string {
	w := l.cmd.Words[l.word]
	for i, other := range l.cmd.Words[l.cmd.Program()+1:] {
		switch value := other.Value; {
		case l.cmd.Program()+1+i == l.word:
		case slices.Contains([]string{"-y", "--yes", "-n", "--no-update", "-u", "--update"}, value):
		default:
			return "add-apt-repository is given " + other.Raw
		}
	}
	switch {
	case w.Raw[0] != '"' && w.Raw[0] != '\'':
		return "add-apt-repository is given " + w.Raw
	case l.cmd.Step.Command() != l.cmd:
		return "add-apt-repository runs within another command"
	case prefixOf(l.cmd) != "" && !w.Literal && len(w.Params) == 0:
		return "the source line of add-apt-repository comes out of a command"
	case needsUpdate(l):
		return "add-apt-repository updates the package lists for the install behind it"
	}
	return ""
}

// needsUpdate reports whether an install relies on the update that
// add-apt-repository makes of its own (Ubuntu 18.04 and later).
func needsUpdate(l *line) bool {
	behind := false
	for _, inst := range l.stage.Instructions {
		for _, cmd := range runsOf(l.stage, inst) {
			behind = behind || cmd == l.cmd
			inv, ok := pkgmgr.Recognise(cmd)
			if !ok || !behind || inv.Manager.Name != "apt-get" {
				continue
			}
			switch inv.Action {
			case pkgmgr.Update:
				return false
			case pkgmgr.Install, pkgmgr.Upgrade:
				return true
			}
		}
	}
	return false
}
