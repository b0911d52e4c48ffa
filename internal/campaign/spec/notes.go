package spec

import (
	"slices"
	"strings"
)

// Notes tell what does not come about as a campaign is written: what a ceiling takes
// away, and what the forge does not have; and what drydock merges. fixers are the names
// of all.
func (c Campaign) Notes(ceiling Ceiling, fixers []string) []string {
	var all []string
	under := c.Under(ceiling, fixers)
	var left []string
	for _, name := range fixers {
		if (c.Only == nil || slices.Contains(c.Only, name)) && under.Only != nil && !slices.Contains(under.Only, name) {
			left = append(left, name)
		}
	}
	if len(left) > 0 {
		all = append(all, "the operator's ceiling leaves out "+strings.Join(left, ", "))
	}
	if under.Safe && !c.Safe {
		all = append(all, "the operator's ceiling takes safe fixes only")
	}
	if under.Verify && !c.Verify {
		all = append(all, "the operator's ceiling has every rewrite built first")
	}
	if c.Pull.AutoMerge && !under.Pull.AutoMerge {
		all = append(all, "auto-merge is off: the operator's ceiling does not allow it")
	}
	if under.Pull.AutoMerge && !c.isInFolder() {
		note := "auto-merge: drydock merges what has passed its checks"
		if len(c.Schedule.Windows.List)+len(ceiling.Windows.List) > 0 {
			note += ", within the windows"
		}
		all = append(all, note)
	}
	return append(all, under.lacking()...)
}

func (c Campaign) isInFolder() bool { return strings.HasPrefix(c.Forge, "file://") }

// lacking tells what the campaign asks for and its forge does not have.
func (c Campaign) lacking() (all []string) {
	lacks := func(asked bool, what string) {
		if asked {
			all = append(all, what)
		}
	}
	if c.isInFolder() {
		lacks(len(c.Select.Topics) > 0, "topics select nothing: a folder of repositories tells none")
		lacks(len(c.Select.Languages) > 0, "languages select nothing: a folder of repositories tells none")
		lacks(c.Pull.AutoMerge, "auto-merge does nothing: nothing is checked in a folder of repositories")
		lacks(c.Pull.Fork, "fork fails: repositories in a folder are not forked")
	}
	return all
}
