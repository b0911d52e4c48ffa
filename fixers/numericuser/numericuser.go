package numericuser

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/accounts"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// Fixer is numeric-user.
var Fixer = fix.Fixer{Name: "numeric-user", Doc: doc, After: []string{"multistage"}, Run: run}

// run makes the users of the images numbers, then adds the one that is missing.
func run(p *fix.Pass) {
	numberUsers(p)
	addUser(p)
}

// numberUsers looks at the user that each image of the file runs as in the end.
//
//	USER app  =>  USER 1001
//
// An account that has an ID keeps it. One that is made without gets it pinned in
// the command that makes it; see pin.
//
// Rejected: root and numbers, which are not names; names that a build argument
// sets; Windows accounts; accounts whose ID the file does not settle.
func numberUsers(p *fix.Pass) {
	seen := map[*syntax.Instruction]bool{}
	for _, stage := range p.Build.Stages {
		user := stage.FinalUser().Inst
		if !stage.IsKept() || user == nil || seen[user] {
			continue
		}
		seen[user] = true
		c := change{pass: p, stage: p.Build.StageOf(user), inst: user}
		c.run()
		for _, other := range c.others {
			seen[other] = true
		}
	}
}

// A change is what becomes of one USER.
type change struct {
	pass  *fix.Pass
	stage *build.Stage
	inst  *syntax.Instruction

	name, group accounts.Value
	comment     string                // what Docker takes for a part of the name: # why
	others      []*syntax.Instruction // other USERs of the account, changed with this one
	edits       []edit.Edit
	changes     []fix.Change
	pins        []pin
	notes       []string
}

func (c *change) run() {
	text, comment := cutComment(c.inst.Args.Text)
	name, group := splitUser(text)
	c.comment = comment
	c.name = accounts.ValueOf(c.stage, c.inst, name)
	c.group = accounts.ValueOf(c.stage, c.inst, group)
	isNumber := c.name.IsNumber() || c.isIDVariable()
	if comment == "" && (isNumber || c.name.Text == "root") {
		return
	}
	if reason := c.refusal(text); reason != "" {
		c.decline(reason)
		return
	}
	if isNumber {
		c.apply(text) // what stands in the way is the comment alone
		return
	}
	known := accounts.At(c.pass.Context, c.stage, c.inst)
	account, ok := known.User(c.name)
	if name, id := facts.AccountVariables(known.Ref); !ok && c.name.Text == "" && group == "" && name != "" && accounts.VariableName(c.name.Variable) == name {
		c.apply("$" + id) // the image itself sets both
		return
	}
	if !ok {
		c.make(known)
		return
	}
	id, reason := c.userID(account, known)
	if reason == "" && group != "" {
		id, reason = c.withGroup(id, known)
	}
	if reason != "" {
		c.decline(reason)
		return
	}
	c.apply(id)
}

// refusal is why the text of a USER is not looked up at all.
func (c *change) refusal(text string) string {
	switch {
	case c.stage.Image.Distro == facts.Windows:
		return text + " is a Windows account"
	case c.joinsLines():
		return fmt.Sprintf("the backslash makes the next line a part of the user's name, %q", text)
	case c.comment != "" && c.name.Text == "root":
		return fmt.Sprintf("Docker takes %q for the user's name, and without the comment it is root", c.inst.Args.Text)
	case strings.Contains(text, "#"):
		return fmt.Sprintf("Docker takes %q for the user's name", text)
	case c.name.Text == "" && c.name.Variable == "":
		return "the user comes from " + text
	case strings.ContainsAny(c.name.Text, " \t\\"):
		return fmt.Sprintf("%q is no account's name", c.name.Text)
	}
	return ""
}

// isIDVariable reports whether the user is a variable that an account's command
// takes its ID from: it is a number already, whatever the build sets it to.
func (c *change) isIDVariable() bool {
	if c.name.Variable == "" {
		return false
	}
	if _, id := facts.AccountVariables(c.stage.Bottom().Ref); id != "" && accounts.VariableName(c.name.Variable) == id {
		return true
	}
	for _, s := range c.pass.Build.Stages {
		for _, cmd := range accounts.At(c.pass.Context, s, nil).Commands {
			if cmd.UID.IsGiven() && cmd.UID.Same(c.name) {
				return true
			}
		}
	}
	return false
}

// userID returns the account's ID as USER writes it, and pins it if there is none.
func (c *change) userID(a accounts.Account, known *accounts.Known) (id, reason string) {
	switch {
	case a.Unsure != "":
		return "", a.Unsure
	case a.By != nil && a.By.MayNotRun() && len(c.name.Args) > 0:
		return "", fmt.Sprintf("the command that makes the account may not run, and ARG %s may name another", c.name.Args[0])
	case !a.UID.IsGiven():
		return c.pinUser(a, known)
	}
	if id, ok := a.UID.Number(); ok && (a.By == nil || a.By.NonUnique) {
		for _, other := range known.Users {
			if n, ok := other.UID.Number(); ok && n == id && !other.Name.Same(a.Name) {
				return "", fmt.Sprintf("%s and %s have the same ID %d", a.Name.Text, other.Name.Text, id)
			}
		}
	}
	if id, ok := a.UID.At(c.stage, c.inst); ok {
		return id, ""
	}
	return "", fmt.Sprintf("the ID of %s comes from %s", a.Name.Text, strings.Join(a.UID.Args, ", "))
}

// withGroup adds the group of "USER name:group".
func (c *change) withGroup(id string, known *accounts.Known) (user, reason string) {
	if c.group.IsNumber() {
		return id + ":" + c.group.Text, ""
	}
	g, ok := known.GroupNamed(c.group)
	switch {
	case !ok:
		return "", fmt.Sprintf("the ID of the group %s is not known", c.group.Text)
	case g.Unsure != "":
		return "", g.Unsure
	case g.GID.IsGiven():
		gid, ok := g.GID.At(c.stage, c.inst)
		if !ok {
			return "", fmt.Sprintf("the ID of the group %s comes from %s", g.Name.Text, strings.Join(g.GID.Args, ", "))
		}
		return id + ":" + gid, ""
	case g.By == nil:
		return "", fmt.Sprintf("the ID of the group %s is not known", g.Name.Text)
	case g.By.File != "":
		return "", fmt.Sprintf("%s makes the group %s without an ID", g.By.File, g.Name.Text)
	case g.By.Kind == accounts.AddUser:
		return c.withOwnGroup(id, g)
	}
	n, ok := accounts.Literal(id).Number()
	if !ok {
		return "", fmt.Sprintf("the group %s is made without an ID", g.Name.Text)
	}
	return id + ":" + c.pinGroup(g.By, n), ""
}

// withOwnGroup adds a group that a user's command has made with the user's ID.
func (c *change) withOwnGroup(id string, g accounts.Group) (user, reason string) {
	for _, p := range c.pins {
		if p.cmd == g.By {
			return id + ":" + p.id, ""
		}
	}
	return "", fmt.Sprintf("the ID of the group %s is not known", g.Name.Text)
}

// rename writes the ID in the other USERs of the account that images keep.
func (c *change) rename(id string) {
	for _, stage := range c.pass.Build.Stages {
		if !stage.IsKept() {
			continue
		}
		for _, inst := range stage.Instructions {
			if inst.Name != "USER" || inst == c.inst || inst.Args.Text != c.inst.Args.Text || !c.sameAccount(stage, inst) {
				continue
			}
			c.others = append(c.others, inst)
			c.edits = append(c.edits, c.write(inst, id)...)
		}
	}
}

// write puts the ID in place of a USER's argument, and the comment that stood in
// it on a line of its own.
func (c *change) write(inst *syntax.Instruction, id string) []edit.Edit {
	edits := []edit.Edit{edit.Replace(inst.Args.Span(0, len(inst.Args.Text)), id)}
	if c.comment != "" {
		edits = append(edits, inst.InsertAbove(c.comment))
	}
	return edits
}

// sameAccount reports whether a USER of the same text is about the same account,
// and may say its ID in the same words.
func (c *change) sameAccount(stage *build.Stage, inst *syntax.Instruction) bool {
	here, ok := accounts.At(c.pass.Context, c.stage, c.inst).User(c.name)
	there, found := accounts.At(c.pass.Context, stage, inst).User(accounts.ValueOf(stage, inst, c.nameText()))
	switch {
	case !ok || !found || there.Unsure != "":
		return false
	case here.By != nil || there.By != nil:
		if here.By == nil || there.By == nil || !here.By.Is(there.By) {
			return false
		}
	case !here.UID.Same(there.UID):
		return false
	}
	if !here.UID.IsGiven() {
		return true
	}
	a, _ := here.UID.At(c.stage, c.inst)
	b, ok := there.UID.At(stage, inst)
	return ok && a == b
}

func (c *change) nameText() string {
	text, _ := cutComment(c.inst.Args.Text)
	name, _ := splitUser(text)
	return name
}

// joinsLines reports whether a backslash behind the user takes in the next line.
func (c *change) joinsLines() bool {
	first, _, more := strings.Cut(c.pass.File.Text[c.inst.Span.Start:c.inst.Span.End], "\n")
	escape := string(c.pass.File.Escape)
	words := strings.Fields(strings.TrimSuffix(strings.TrimSpace(first), escape))
	return more && len(words) > 1 && !strings.HasSuffix(c.inst.Args.Text, words[len(words)-1])
}

func (c *change) decline(reason string) { c.pass.Decline(c.inst.Span, "%s", reason) }

func (c *change) apply(id string) {
	c.rename(id)
	c.edits = append(c.edits, c.write(c.inst, id)...)
	if c.comment != "" {
		c.notes = append(c.notes, fmt.Sprintf("Docker took %q for the user's name, so the container could not start", c.inst.Args.Text))
	}
	f := fix.Fix{
		Safety:  fix.Safe,
		Edits:   c.edits,
		Reads:   []source.Span{c.inst.Span},
		Claims:  []string{"user:" + c.name.Text},
		Changes: append(c.changes, fix.Change{Kind: fix.ChangeUser, Subject: id}),
		Notes:   c.notes,
	}
	if len(c.changes) > 0 || c.comment != "" {
		f.Safety = fix.Review
	}
	c.pass.Apply(c.inst.Span, "run as "+id, f)
}

// cutComment cuts "app # why": to Docker the line has no comment, and all of it is
// the user's name.
func cutComment(text string) (user, comment string) {
	i := strings.IndexByte(text, '#')
	if i < 1 || text[i-1] != ' ' && text[i-1] != '\t' {
		return text, ""
	}
	return strings.TrimSpace(text[:i]), text[i:]
}

// splitUser cuts name:group at the colon that is not inside ${...}.
func splitUser(text string) (name, group string) {
	depth := 0
	for i, r := range text {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		case ':':
			if depth == 0 {
				return text[:i], text[i+1:]
			}
		}
	}
	return text, ""
}
