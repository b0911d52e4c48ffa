package campaign

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/project"
)

// maxReviewers bounds the owners that are asked: GitHub takes 15.
const maxReviewers = 15

// addOwners asks the owners of the files that change for a review. A mail address
// names nobody on a forge.
func (c *Changeset) addOwners(tree fs.FS) {
	owners := project.ReadCodeowners(tree)
	for _, f := range c.Rewriting.Changed() {
		for _, owner := range owners.Of(f.Path) {
			name, ok := strings.CutPrefix(owner, "@")
			if !ok {
				continue
			}
			list := &c.Attention.Reviewers
			if _, team, isTeam := strings.Cut(name, "/"); isTeam {
				list, name = &c.Attention.Teams, team
			}
			if !slices.Contains(*list, name) && len(c.Attention.Reviewers)+len(c.Attention.Teams) < maxReviewers {
				*list = append(slices.Clip(*list), name)
			}
		}
	}
}
