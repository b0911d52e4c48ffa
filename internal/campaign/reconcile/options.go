package reconcile

import (
	"strings"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/forge"
)

// changesets gives what the campaign's pull requests are like.
func (s *step) changesets() campaign.Options {
	p := s.campaign.Pull
	o := campaign.Options{
		Forge: s.connection.Forge, Fixers: s.r.Fixers, Selection: selection(s.campaign),
		Branch: p.Branch, Base: p.Base, Title: p.Title, Draft: p.Draft, Owners: p.Owners, Fork: p.Fork, Commits: p.Commits,
		Attention: forge.Attention{Labels: p.Labels, Assignees: p.Assignees},
		Author:    s.r.Author, Now: s.r.Store.Now,
	}
	for _, name := range p.Reviewers {
		if _, team, isTeam := strings.Cut(name, "/"); isTeam {
			o.Attention.Teams = append(o.Attention.Teams, team)
			continue
		}
		o.Attention.Reviewers = append(o.Attention.Reviewers, name)
	}
	if s.campaign.Verify {
		o.Prover, o.Clone = s.r.Prover, true
	}
	if p.Body != nil {
		o.Text = campaign.TextOf(p.Body)
	}
	return o
}

// selection narrows what a repository's configuration selects: it may skip more.
func selection(c *spec.Campaign) config.Selection {
	s := config.Selection{Within: c.Only, Skip: c.Skip}
	if c.Safe {
		s.Safe = &c.Safe
	}
	return s
}
