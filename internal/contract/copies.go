package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A copyItem is one source of a COPY or ADD.
type copyItem struct {
	build.Copy
	inst    *syntax.Instruction
	path    string // the source, see stage.text
	written string // the source as written
	dest    string // absolute where that is known
	chown   string
	options string // the other flags that change what is copied, and ADD where it matters
	body    string // of a heredoc
}

func (s *stage) addCopy(c build.Copy, now *state) {
	dest := c.Dest
	if dest == "" {
		dest = joinDir(now.workdir, s.text(c.Inst, c.Raw.Text))
	}
	item := copyItem{Copy: c, inst: c.Inst, dest: dest, chown: s.text(c.Inst, c.Chown)}
	var flags []string
	for _, f := range c.Inst.Flags {
		switch f.Name {
		case "chown", "from", "link": // link changes the layers, not the files
		default:
			flags = append(flags, "--"+f.Name+"="+f.Value)
		}
	}
	for _, src := range c.Sources {
		item.written, item.path = src.Word.Text, cleanSource(s.text(c.Inst, src.Word.Text))
		item.options = strings.Join(flags, " ")
		if c.Inst.Name == "ADD" && isFetched(item.path) {
			item.options += " ADD"
		}
		item.body = ""
		if src.Heredoc {
			item.body = "heredoc"
		}
		if item.path == "." {
			item.dest = path.Clean(dest) // its contents go there, with and without a slash
		} else {
			item.dest = dest
		}
		s.copies = append(s.copies, item)
	}
	s.reading.copied = append(s.reading.copied, s.copies[len(s.copies)-len(c.Sources):]...)
}

func cleanSource(source string) string {
	if source == "" || strings.Contains(source, "://") || strings.Contains(source, "$") {
		return source
	}
	return path.Clean(strings.TrimPrefix(source, "/"))
}

// isFetched reports whether ADD does more with a source than COPY: it fetches
// addresses and unpacks archives (docs.docker.com/reference/dockerfile/#add).
func isFetched(source string) bool {
	if strings.Contains(source, "://") || strings.HasPrefix(source, "git@") {
		return true
	}
	switch path.Ext(source) {
	case ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst":
		return true
	}
	return false
}

// key is what makes two copies the same, but for the owner of the files.
func (c *copyItem) key(origin string) string {
	return origin + "\x00" + c.path + "\x00" + c.dest + "\x00" + c.options + c.body
}

// origin says where a copy takes its files from, so that it means the same in
// both texts: a stage by its number before the rewrite.
func (c *comparison) origin(item *copyItem) string {
	switch {
	case item.From == "":
		return "context"
	case item.Stage == nil:
		return "image " + item.From
	}
	return c.stageID(item.Stage)
}

// copies checks that an image gets every file that it got, in its own chain of
// stages unless that is declared, and no file that it had no part of.
func (c *comparison) copies(before, after *stage) {
	own := c.copyKeys(after.chain())
	fed := c.copyKeys(after.feeds())
	chain := before.chain()
	for _, s := range before.feeds() {
		have := fed
		for _, b := range chain {
			if b == s {
				have = own
			}
		}
		for i := range s.copies {
			item := &s.copies[i]
			match := have[item.key(c.origin(item))]
			switch {
			case c.declared.has(fix.DropCopy, item.written, item.path):
			case match == nil:
				c.differs("%s of %s to %s is lost", item.inst.Name, item.written, item.Raw.Text)
			case !c.sameOwner(item, match):
				c.differs("%s of %s to %s has another owner", item.inst.Name, item.written, item.Raw.Text)
			}
		}
	}
	c.addedCopies(before, after)
}

func (c *comparison) copyKeys(stages []*stage) map[string][]*copyItem {
	keys := map[string][]*copyItem{}
	for _, s := range stages {
		for i := range s.copies {
			item := &s.copies[i]
			key := item.key(c.origin(item))
			keys[key] = append(keys[key], item)
		}
	}
	return keys
}

// sameOwner reports whether one of the copies gives the files to the account that
// before does, or to the number that a declared change of the user gives it.
func (c *comparison) sameOwner(before *copyItem, after []*copyItem) bool {
	for _, a := range after {
		switch {
		case a.chown == before.chown, before.chown != "" && c.isNumberOf(a.chown), before.chown == "" && c.gaveBy(a.chown):
			return true
		}
	}
	return false
}

// gaveBy reports whether an owner is declared that a chown of the build gives to files.
func (c *comparison) gaveBy(owner string) bool {
	owner = rootAsNumber(owner)
	declared := slices.ContainsFunc(sorted(c.declared[fix.OwnCopy]), func(subject string) bool { return rootAsNumber(subject) == owner })
	return declared && slices.ContainsFunc(c.before.runs, func(r *run) bool {
		return slices.ContainsFunc(r.commands, func(cmd *command) bool { return cmd.chowns(owner) })
	})
}

// rootAsNumber is an owner as BuildKit has it, to which root is 0.
func rootAsNumber(owner string) string {
	parts := strings.Split(owner, ":")
	for i, part := range parts {
		if part == "root" {
			parts[i] = "0"
		}
	}
	return strings.Join(parts, ":")
}

// chowns reports whether a command is a chown to an owner, or to one that only the
// build tells. Without a group it leaves root's.
func (cmd *command) chowns(owner string) bool {
	if cmd.shell == nil {
		return false
	}
	name, args := cmd.shell.Runs()
	return name == "chown" && slices.ContainsFunc(args, func(w shell.Word) bool {
		return !w.Literal || rootAsNumber(w.Value) == owner || w.Value+":0" == owner
	})
}

// isNumberOf reports whether owner is made of numbers that declared changes of
// the user name.
func (c *comparison) isNumberOf(owner string) bool {
	if c.declared.has(fix.ChangeUser, owner) {
		return true
	}
	user, _, _ := strings.Cut(owner, ":")
	for subject := range c.declared[fix.ChangeUser] {
		if name, _, _ := strings.Cut(subject, ":"); name == user {
			return true
		}
	}
	return false
}

// addedCopies checks that a copy from the context that is new takes files only
// that some copy took before, or that are declared.
func (c *comparison) addedCopies(before, after *stage) {
	known := c.copyKeys(before.feeds())
	for _, s := range after.feeds() {
		for i := range s.copies {
			item := &s.copies[i]
			if item.Stage != nil || known[item.key(c.origin(item))] != nil {
				continue
			}
			if !c.covered(before, item) && !c.declared.has(fix.AddCopy, item.written) {
				c.differs("%s of %s to %s is new", item.inst.Name, item.written, item.Raw.Text)
			}
		}
	}
}

func (c *comparison) covered(before *stage, item *copyItem) bool {
	for _, s := range before.feeds() {
		for i := range s.copies {
			old := &s.copies[i]
			if old.Stage == nil && old.From == item.From && old.body == item.body && covers(old.path, item.path) {
				return true
			}
		}
	}
	return false
}

// covers reports whether copying source takes in the file at name.
func covers(source, name string) bool {
	switch source {
	case name, ".", "*", "**":
		return true
	}
	if strings.HasPrefix(name, source+"/") {
		return true
	}
	ok, err := path.Match(source, name)
	return ok && err == nil
}
