package aptkeyring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// Fixer is apt-keyring.
//
//	curl https://h/key.asc | apt-key add -   =>  curl -f https://h/key.asc -o /etc/apt/keyrings/x.asc
//	echo "deb https://h/ stable main" > …    =>  echo "deb [signed-by=/etc/apt/keyrings/x.asc] https://h/ stable main" > …
//
// A key of unknown form goes through gpg instead:
//
//	curl https://h/key | apt-key add -       =>  curl https://h/key | gpg --dearmor -o /etc/apt/keyrings/x.gpg
//
// And one from a key server, by askKeyServer:
//
//	apt-key adv --keyserver S --recv-keys K  =>  gpg … --keyring gnupg-ring:/etc/apt/keyrings/x.gpg --keyserver S --recv-keys K
//
// Rejected: keys whose repository is not certain, for then apt would refuse the
// repository; releases whose apt knows no signed-by; scripts that cannot be edited.
var Fixer = fix.Fixer{Name: "apt-keyring", Doc: doc, Run: run}

func run(p *fix.Pass) {
	for _, stage := range p.Build.Stages {
		c := change{pass: p, stage: stage}
		c.readKeys()
		if len(c.keys) == 0 {
			continue
		}
		c.readLines()
		c.run()
	}
}

// A change is what becomes of the keys of one stage: one fix, since they may share
// a folder, tools and a RUN.
type change struct {
	pass    *fix.Pass
	stage   *build.Stage
	release release
	keys    []*key  // every one that the stage makes apt trust
	lines   []*line // the repositories of the stage and of those built on it

	edits   []edit.Edit
	changes []fix.Change
	reads   []source.Span
	notes   []string
	names   map[string]bool // of keyrings
}

func (c *change) run() {
	c.release = releaseOf(c.stage)
	c.match()
	var done []*key
	for _, k := range c.keys {
		if k.declined == "" {
			k.declined = c.refusal(k)
		}
		if k.declined == "" {
			c.place(k)
			k.declined = c.tools(k)
		}
		if _, ok := k.cmd.Script.InsertAfter(k.step, "chmod"); k.request != nil && !ok {
			k.declined = first(k.declined, "the script has no place for chmod behind apt-key")
		}
		if k.declined == "" {
			done = append(done, k)
		}
	}
	listings, why := c.readListings()
	if len(listings) > 0 && len(done) < len(c.keys) {
		why = brief(listings[0].cmd.Text()) + " shows keys that stay with apt-key"
	}
	if why != "" {
		for _, k := range done {
			k.declined = why
		}
		done = nil
	}
	done = c.makeFolder(done)
	for _, k := range c.keys {
		if k.declined != "" {
			c.pass.Decline(k.inst.Span, "%s", k.declined)
		}
	}
	if len(done) == 0 {
		return
	}
	for _, k := range done {
		c.notes = append(c.notes, k.notes...)
		c.rewriteKey(k)
		for _, l := range k.lines {
			c.rewriteLine(k, l)
		}
	}
	c.installTools(done)
	c.drop(listings)
	c.pass.Apply(done[0].inst.Span, message(done), fix.Fix{
		Safety:  fix.Review,
		Edits:   c.edits,
		Reads:   c.reads,
		Claims:  []string{fmt.Sprintf("stage:%d/apt-keys", c.stage.Index)},
		Changes: c.changes,
		Notes:   c.notes,
	})
}

func message(keys []*key) string {
	paths := make([]string, len(keys))
	for i, k := range keys {
		paths[i] = k.path
	}
	if len(keys) > 1 {
		return "keep the keys in " + strings.Join(paths, ", ")
	}
	return "keep the key in " + paths[0]
}

// refusal is why a key that has its repository stays with apt-key.
func (c *change) refusal(k *key) string {
	if c.release.why != "" {
		return c.release.why
	}
	for _, l := range k.lines {
		if l.download == nil {
			continue
		}
		if why := c.knowSource(k, l); why != "" {
			return why
		}
	}
	return ""
}

// place chooses the file that a key is kept in.
func (c *change) place(k *key) {
	switch {
	case k.keyring != "":
		k.path = k.keyring
		return
	case k.path != "": // where the source line of a vendor expects it
		return
	}
	k.armored = c.release.armored && k.request == nil && k.isArmored()
	if _, ok := newDownload(k); k.file.Raw == "" && !ok {
		k.armored = false
	}
	name := k.name()
	if c.names == nil {
		c.names = map[string]bool{}
	}
	for n := 2; c.names[name]; n++ {
		name = fmt.Sprintf("%s-%d", k.name(), n)
	}
	c.names[name] = true
	k.path = keyrings + "/" + name + ".gpg"
	if k.armored {
		k.path = keyrings + "/" + name + ".asc"
	}
}

const keyrings = "/etc/apt/keyrings"

// makeFolder makes the folder of the keyrings in front of the first key, where the
// release lacks it and no command has made it.
func (c *change) makeFolder(keys []*key) []*key {
	for i, k := range keys {
		if !strings.HasPrefix(k.path, keyrings+"/") {
			continue
		}
		if c.release.hasFolder || c.makesFolder(k) {
			return keys
		}
		mkdir := k.prefix() + "mkdir -p " + keyrings
		edits, ok := insertBefore(k, mkdir)
		if !ok {
			k.declined = "the script has no place for mkdir before apt-key"
			return append(keys[:i:i], c.makeFolder(keys[i+1:])...)
		}
		c.edits = append(c.edits, edits...)
		c.changes = append(c.changes, fix.Change{Kind: fix.AddCommand, Subject: mkdir})
		return keys
	}
	return keys
}

// insertBefore puts a command in front of a key: on a line of its own, unless the
// whole script is on one.
func insertBefore(k *key, command string) ([]edit.Edit, bool) {
	script := k.cmd.Script
	if script.Form == shell.Heredoc || k.request != nil || strings.Contains(k.inst.File().Slice(k.inst.Command), "\n") {
		return script.InsertBefore(k.step, command)
	}
	step := script.Steps[k.step]
	return []edit.Edit{edit.Insert(step.Span.Start, command+" && ")}, step.Op != shell.Or
}

// makesFolder reports whether a command before the key makes the folder.
func (c *change) makesFolder(k *key) bool {
	return slices.ContainsFunc(c.before(k), func(cmd *shell.Command) bool {
		name, args := cmd.Runs()
		return (name == "mkdir" || name == "install") && !cmd.Conditional && hasWord(args, keyrings)
	})
}

// before returns the commands that run before a key, in the stage and in those
// that it is built on.
func (c *change) before(k *key) []*shell.Command {
	var all []*shell.Command
	for _, stage := range c.stage.Chain() {
		for _, inst := range stage.Instructions {
			for _, cmd := range runsOf(stage, inst) {
				if cmd == k.cmd {
					return all
				}
				all = append(all, cmd)
			}
		}
	}
	return all
}

// edited declares that a command has another text.
func (c *change) edited(inst *syntax.Instruction, before, after string) {
	c.reads = append(c.reads, inst.Span)
	c.changes = append(c.changes,
		fix.Change{Kind: fix.DropCommand, Subject: before},
		fix.Change{Kind: fix.AddCommand, Subject: after})
}
