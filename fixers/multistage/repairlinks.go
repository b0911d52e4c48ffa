package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
)

// repairLinks makes the links that a driver, which the last stage copies unpacked,
// needs in its release: the library is there under another name.
//
//	COPY --from=build /opt/oracle /opt/oracle
//	=>  COPY --from=build /opt/oracle /opt/oracle
//	    RUN ln -s libaio.so.1t64 /usr/lib/x86_64-linux-gnu/libaio.so.1
func repairLinks(p *fix.Pass, last *build.Stage) {
	for _, inst := range last.Instructions {
		c, ok := last.CopyOf(inst)
		if !ok || c.Stage == nil {
			continue
		}
		d, ok := unpackedIn(c)
		if !ok {
			continue
		}
		missing := missingLinks(last, d)
		switch {
		case len(missing) == 0:
			continue
		case !last.UserAt(inst).IsRoot():
			p.Decline(inst.Span, "%s needs the link %s, which would be made as USER %s", d.Name, missing[0].Link, last.UserAt(inst).Name)
			continue
		}
		var l ledger
		var commands []string
		for _, link := range missing {
			commands = append(commands, linkCommand(link))
			l.declare(fix.AddCommand, linkCommand(link))
			l.note("added: the link %s, which %s needs in %s", link.Link, d.Name, link.Release)
		}
		f := inst.File()
		run := inst.Cased("RUN") + " " + strings.Join(commands, and(inst)) + f.EOL()
		p.Apply(inst.Span, "make the link that "+d.Name+" needs", fix.Fix{
			Safety:  fix.Review,
			Edits:   []edit.Edit{edit.Insert(inst.FullLines().End, run)},
			Reads:   wholeFile(inst),
			Claims:  []string{"stages"},
			Changes: l.changes,
			Notes:   l.notes,
		})
		return
	}
}

// unpackedIn is the driver that the stage of a COPY unpacks into what it takes.
func unpackedIn(c build.Copy) (facts.Driver, bool) {
	for _, inst := range c.Stage.Instructions {
		if inst.Name != "RUN" {
			continue
		}
		all := effects.Of(c.Stage, inst)
		d, ok := archiveIn(&place{effects: all})
		if ok && slices.ContainsFunc(all, func(e effects.Effect) bool { return unpacksInto(e, c) }) {
			return d, true
		}
	}
	return facts.Driver{}, false
}

// unpacksInto reports whether a download is unpacked into what a COPY takes.
func unpacksInto(e effects.Effect, c build.Copy) bool {
	return e.Kind == effects.Fetches && slices.ContainsFunc(e.Writes, func(made string) bool {
		folder, unpacked := strings.CutSuffix(made, "/")
		return unpacked && slices.ContainsFunc(c.Sources, func(src build.CopySource) bool {
			return isWithin(folder, strings.TrimSuffix(src.Path, "/"))
		})
	})
}
