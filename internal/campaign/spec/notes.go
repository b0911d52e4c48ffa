package spec

import (
	"slices"
	"strings"
)

// Notes tell what does not come about as a campaign is written: what a ceiling takes
// away, and what windows do not hold back. fixers are the names of all.
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
	switch {
	case c.Pull.AutoMerge && !under.Pull.AutoMerge:
		all = append(all, "auto-merge is off: the operator's ceiling does not allow it")
	case c.Pull.AutoMerge && len(c.Schedule.Windows.List)+len(ceiling.Windows.List) > 0:
		all = append(all, "auto-merge is on, and windows do not bound it: the forge merges a pull request once its checks pass, whenever that is")
	}
	return all
}
