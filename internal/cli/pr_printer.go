package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/report"
)

// A prPrinter prints what became of a repository.
type prPrinter struct{ options *PROptions }

// prReport is the JSON form.
type prReport struct {
	Version    int           `json:"version"`
	Repository string        `json:"repository"`
	Base       string        `json:"base"`
	Commit     string        `json:"commit"` // of base, that the rewrite starts from
	Branch     string        `json:"branch"`
	Result     string        `json:"result"` // a campaign.Result, or "dry run"
	URL        string        `json:"url,omitempty"`
	Title      string        `json:"title,omitempty"`
	Body       string        `json:"body,omitempty"`
	Commits    []prCommit    `json:"commits,omitempty"`
	Reviewers  []string      `json:"reviewers,omitempty"`
	Settings   []string      `json:"settings,omitempty"` // as "FILE: KEY: VALUE"
	Files      []report.File `json:"files"`
}

type prCommit struct {
	Message string   `json:"message"`
	Paths   []string `json:"paths"`
}

func (p *prPrinter) report(c *campaign.Changeset, result string) prReport {
	r := prReport{
		Version: report.Version, Repository: c.Repository.Name, Base: c.Base, Commit: string(c.At), Branch: p.options.Branch,
		Result: result, Title: c.Proposal.Title, Body: c.Proposal.Body, Files: c.Rewriting.Reports(),
	}
	for _, s := range c.Steps {
		commit := prCommit{Message: s.Message}
		for _, f := range s.Files {
			commit.Paths = append(commit.Paths, f.Path)
		}
		r.Commits = append(r.Commits, commit)
	}
	for _, s := range c.Rewriting.Settings {
		r.Settings = append(r.Settings, s.String())
	}
	r.Reviewers = append(r.Reviewers, c.Attention.Reviewers...)
	for _, team := range c.Attention.Teams {
		r.Reviewers = append(r.Reviewers, "team "+team)
	}
	return r
}

func (p *prPrinter) json(r prReport) error {
	encoder := json.NewEncoder(p.options.IO.Out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	return encoder.Encode(r)
}

// dryRun prints all that would be written: the diff, the commits, the pull
// request.
func (p *prPrinter) dryRun(c *campaign.Changeset) error {
	if p.options.Format == "json" {
		if err := p.json(p.report(c, "dry run")); err != nil {
			return err
		}
		return p.failures(c)
	}
	out := &strings.Builder{}
	r := p.report(c, "")
	for _, f := range r.Files {
		out.WriteString(f.Diff)
	}
	switch {
	case c.Rewriting.Unwanted != "":
		fmt.Fprintf(out, "%s says that this repository takes no pull requests of drydock's\n", c.Rewriting.Unwanted)
	case len(c.Steps) == 0:
		fmt.Fprintf(out, "nothing to do at %.12s of %s\n", r.Commit, r.Base)
	default:
		fmt.Fprintf(out, "\nBranch %s, from %.12s of %s\n", r.Branch, r.Commit, r.Base)
		for _, s := range r.Commits {
			title, _, _ := strings.Cut(s.Message, "\n")
			fmt.Fprintf(out, "  commit: %s (%s)\n", title, strings.Join(s.Paths, ", "))
		}
		if len(r.Reviewers) > 0 {
			fmt.Fprintf(out, "  ask: %s\n", strings.Join(r.Reviewers, ", "))
		}
		for _, s := range r.Settings {
			fmt.Fprintf(out, "  set by %s\n", s)
		}
		fmt.Fprintf(out, "\n%s\n\n%s", r.Title, r.Body)
	}
	if _, err := fmt.Fprint(p.options.IO.Out, p.options.IO.shown(out.String())); err != nil {
		return err
	}
	return p.failures(c)
}

func (p *prPrinter) done(c *campaign.Changeset, done campaign.Done) error {
	var err error
	if p.options.Format == "json" {
		r := p.report(c, string(done.Result))
		r.URL = done.Pull.URL
		err = p.json(r)
	} else {
		_, err = fmt.Fprintln(p.options.IO.Out, strings.TrimSpace(string(done.Result)+" "+done.Pull.URL))
	}
	if err != nil {
		return err
	}
	if done.Trouble != nil {
		fmt.Fprintf(p.options.IO.Err, "drydock: the pull request stands, but: %v\n", done.Trouble)
	}
	return p.failures(c)
}

// failures tells of the files that could not be done.
func (p *prPrinter) failures(c *campaign.Changeset) error {
	failed := false
	_, palette := p.options.IO.palettes("auto")
	for _, f := range c.Rewriting.Files {
		if f.Status != report.Failed {
			continue
		}
		failed = true
		if err := palette.WriteError(p.options.IO.Err, f.Path, *f.Error); err != nil {
			return err
		}
	}
	if failed {
		return errFailed
	}
	return nil
}
