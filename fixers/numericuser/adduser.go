package numericuser

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/accounts"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// appName is the name of the account that is made for an application.
const appName = "app"

// addUser gives the last stage a user where it runs as root for no reason.
//
//	EXPOSE 8000  =>  RUN groupadd -g 1001 app && useradd -u 1001 -g app -m app
//	                 USER 1001
//	                 EXPOSE 8000
//
// The base image's own account for applications is used where there is one. The
// folders that the program is known to write are made and given to it.
//
// Rejected: everything of which it is not known that root is not needed; see
// needsOf. Stages with a USER, since root was the author's choice.
func addUser(p *fix.Pass) {
	s := p.Build.Last()
	if p.Settings.AddUser == fix.AddUserNever || s == nil || s.FinalUser().Inst != nil || !isApplication(s) {
		return
	}
	at := s.Last("CMD")
	if at == nil {
		at = s.Last("ENTRYPOINT")
	}
	if reason := toolReason(s); reason != "" {
		p.Decline(at.Span, "no user added: %s", reason)
		return
	}
	n, reason := needsOf(p, s)
	if reason != "" {
		p.Decline(at.Span, "no user added: %s", reason)
		return
	}
	account, reason := appAccount(p, s)
	if reason != "" {
		p.Decline(at.Span, "no user added: %s", reason)
		return
	}
	id := strconv.Itoa(account.id)
	command := strings.Join(append(account.commands, roomCommands(p.Context, s, n.rooms, account.owner)...), " && ")
	f := fix.Fix{
		Safety:  fix.Review,
		Reads:   []source.Span{{Start: s.From.Span.Start, End: len(p.File.Text)}},
		Claims:  []string{"user:"},
		Changes: []fix.Change{{Kind: fix.ChangeUser, Subject: id}},
		Notes:   n.notes,
	}
	var lines []string
	if command != "" {
		lines = append(lines, s.From.Cased("RUN")+" "+command)
		f.Changes = append(f.Changes, fix.Change{Kind: fix.AddCommand, Subject: command})
	}
	lines = append(lines, s.From.Cased("USER")+" "+id)
	f.Edits = []edit.Edit{insertUser(s, lines)}
	p.Apply(at.Span, "run as "+id+", not as root", f)
}

// insertUser puts the lines above the instructions that end the stage by saying
// how the image is run.
func insertUser(s *build.Stage, lines []string) edit.Edit {
	i := len(s.Instructions)
	for i > 0 && saysHowToRun(s.Instructions[i-1]) {
		i--
	}
	if i == len(s.Instructions) {
		return s.Instructions[i-1].InsertBelow(lines...)
	}
	next := s.Instructions[i]
	if above := next.FirstLine - len(next.Comments()) - 1; len(next.Comments()) > 0 && above >= 0 && s.From.File().Lines[above].Kind == syntax.BlankLine {
		lines = append(lines, "") // the comment is about the next one
	}
	return next.InsertAbove(lines...)
}

func saysHowToRun(inst *syntax.Instruction) bool {
	switch inst.Name {
	case "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT", "CMD":
		return true
	}
	return false
}

// An appUser is an application's account: its ID, what chown calls it, and the commands that
// make it, none where the image has it.
type appUser struct {
	id       int
	owner    string
	commands []string
}

func appAccount(p *fix.Pass, s *build.Stage) (account appUser, reason string) {
	known := accounts.At(p.Context, s, nil)
	switch {
	case len(known.Gaps) > 0:
		return appUser{}, known.Gaps[0] + " may make accounts"
	case !known.Complete:
		return appUser{}, "the accounts of " + known.Ref + " are not known"
	case len(known.Commands) > 0:
		return appUser{}, "the account " + known.Commands[0].Name.Text + " is made, but not used"
	}
	own := ownAccounts[facts.ParseRef(known.Ref).Repository]
	if account, ok := facts.LookupAccount(known.Ref, own); own != "" && ok && p.Settings.UserID == 0 {
		return appUser{id: account.UID, owner: account.Name + ":" + account.Group}, ""
	}
	wanted := p.Settings.UserID
	if id := demandedID(p, s); wanted == 0 && facts.IsFreeID(known.Ref, id) {
		wanted = id
	}
	n, reason := freeID(wanted, known.Ref)
	if reason != "" {
		return appUser{}, reason
	}
	name := accounts.Literal(appName)
	_, isUser := known.User(name)
	if _, isGroup := known.GroupNamed(name); isUser || isGroup {
		return appUser{}, "the image has an account " + appName + " already"
	}
	command, ok := newAccount(known.Family, appName, n)
	if !ok {
		return appUser{}, "no tool of " + known.Ref + " is known to make accounts"
	}
	return appUser{n, appName + ":" + appName, []string{command}}, ""
}

// freeID is the configured ID, or the first from 1001 that the image has free.
func freeID(configured int, ref string) (int, string) {
	if configured != 0 {
		if configured >= 1000 && !facts.IsFreeID(ref, configured) {
			return 0, fmt.Sprintf("the configured ID %d is taken", configured)
		}
		return configured, ""
	}
	id := defaultID
	for !facts.IsFreeID(ref, id) {
		if id++; id > defaultID+100 {
			return 0, "no ID of " + ref + " is known to be free"
		}
	}
	return id, ""
}

// newAccount is the command that makes a group and a user of one name and ID, in
// the form of the distribution.
func newAccount(family facts.Family, name string, id int) (command string, ok bool) {
	switch family.AccountTools() {
	case facts.ShadowTools:
		return fmt.Sprintf("groupadd -g %d %s && useradd -u %d -g %s -m %s", id, name, id, name, name), true
	case facts.BusyboxTools:
		return fmt.Sprintf("addgroup -g %d %s && adduser -D -u %d -G %s %s", id, name, id, name, name), true
	}
	return "", false
}
