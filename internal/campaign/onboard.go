package campaign

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/report"
)

// OnboardingBranch is the branch that proposes a configuration, the same for all
// campaigns.
const OnboardingBranch = "drydock/configure"

// Configured reports whether the repository has a configuration at its root, as it
// does once the onboarding is merged.
func (c *Changeset) Configured() bool {
	_, err := fs.Stat(c.tree, config.FileName)
	return err == nil
}

// Onboard gives the changeset that proposes a configuration in the place of a
// rewrite. The options' Branch is to be OnboardingBranch. It does not tell of the
// rewrite: several campaigns propose the same.
func (o Options) Onboard(c *Changeset) *Changeset {
	text := configuration(o.Fixers)
	next := *c
	next.Proposal.Title = "Configure drydock"
	next.Proposal.Body = "[drydock](https://github.com/drydock-dev/drydock) would like to propose rewrites of the Dockerfiles here, as pull requests that prove what they change.\n\n" +
		"This adds a `" + config.FileName + "` that says what it may do: as it stands, everything. Change it on this branch as you like, then merge it, and the first rewrite follows. Close it, and none will come.\n"
	next.texts = []engine.Other{{Path: config.FileName, After: text}}
	next.Steps = []Step{{Message: "Configure drydock\n", Files: []git.File{{Path: config.FileName, Text: text}}}}
	return &next
}

// configuration is a file that says nothing yet, and how to.
func configuration(fixers []fix.Fixer) string {
	var out strings.Builder
	out.WriteString("# What drydock may do in this repository: https://github.com/drydock-dev/drydock\n#\n" +
		"# pull-requests: false   # none at all\n# safe: true              # only what keeps the image's contract exactly\n# exclude: [legacy/]      # not these Dockerfiles\n" +
		"# skip: [NAME]            # not these fixers:\n")
	for _, f := range fixers {
		fmt.Fprintf(&out, "#   %-24s %s\n", f.Name, f.Doc.Title)
	}
	return out.String()
}

// Diff is the unified diff of all that is proposed.
func (c *Changeset) Diff() string {
	var all strings.Builder
	for _, t := range c.texts {
		all.WriteString(report.Diff(t.Path, t.Before, t.After))
	}
	return all.String()
}
