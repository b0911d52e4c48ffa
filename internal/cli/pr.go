package cli

import (
	"context"
	"os"
	"strings"
	"text/template"
	"time"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
)

// PROptions are those of "drydock pr".
type PROptions struct {
	IO     Streams
	Fixers []fix.Fixer

	Repository string
	API        string // of GitHub; "" is what the repository's address says
	Server     string // github or gitea; "" is what the repository's address says
	config.Selection

	Branch, Base, Title, BodyTemplate, Commits, Author string
	Labels, Reviewers, Assignees                       []string
	Codeowners, Draft, AutoMerge, Fork, DryRun         bool

	Format string

	Proving Proving
	Verify  bool
}

// NewCmdPR makes the command "drydock pr".
func NewCmdPR(f *Factory) *cobra.Command {
	o := &PROptions{IO: f.Streams, Fixers: f.Fixers}
	cmd := &cobra.Command{
		Use:   "pr [REPO]",
		Short: "Propose what fix would do as a pull request",
		Long: `Propose what fix would do as a pull request.

REPO is owner/name on GitHub, the address of a repository, with gitea+ before it for
a Gitea or Forgejo, the folder of a clone (default: the current one), or
file:///path/to/one.git, a bare repository whose pull requests are kept in
one.pulls.json beside it. The rewrite starts from the newest commit of the base
branch, not from the files of the clone, which are left alone.

A second run updates the same pull request, and does nothing if nothing changed. A
branch with a commit of somebody else is not touched, and a pull request that was
closed does not come back. Where a push is not allowed, a fork is used.

--verify builds and starts every file that changes before and after, takes back the
fixes that fail, and says in the pull request what it saw.

The token comes from GH_TOKEN or GITHUB_TOKEN, for Gitea from GITEA_TOKEN, or from the
file that one of them with _FILE after it names; it may write contents and pull
requests. DRYDOCK_APP_ID and DRYDOCK_APP_KEY, the file of the key, act as a GitHub App.
--dry-run in a clone needs neither token nor network, and so does not know what the
owner has set.

A .drydock.yaml in the repository says what drydock may do there. One in the owner's
.github repository, .profile on Gitea, says so for all of the owner's: each only
narrows what the other allows.`,
		Example: `  drydock pr --dry-run
  drydock pr acme/shop --only package-cleanup,numeric-user --label docker
  drydock pr acme/shop --codeowners --commits fixer --draft`,
		Args: argsOr(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, _ []string) error { return runPR(cmd.Context(), o) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	addSelection(cmd, &o.Selection, o.Fixers)
	flags.BoolVar(&o.DryRun, "dry-run", false, "print what would be proposed, and write nothing")
	flags.StringVar(&o.Branch, "branch", "", "the `name` of the branch (default: drydock/ and the fixers of --only, or drydock/all)")
	flags.StringVar(&o.Base, "base", "", "the `branch` to merge into (default: the repository's own)")
	flags.StringVar(&o.Title, "title", "", "the `title` of pull request and commit (default: what is done)")
	flags.StringVar(&o.BodyTemplate, "body-template", "", "a text/template `file` for the text; it has .Title, .Body (the usual text) and .Files")
	addEnum(cmd, &o.Commits, "commits", "one", "how many `commits`, one for all fixes or one for each fixer", "one", "fixer")
	flags.StringVar(&o.Author, "author", "drydock <drydock@noreply.invalid>", "`who` commits; the same in every run, as it tells drydock's commits from others")
	flags.StringSliceVar(&o.Labels, "label", nil, "add these `labels`")
	flags.StringSliceVar(&o.Reviewers, "reviewer", nil, "ask these `users` or organisation/teams for a review")
	flags.BoolVar(&o.Codeowners, "codeowners", false, "ask the code owners of the changed files for a review")
	flags.StringSliceVar(&o.Assignees, "assignee", nil, "assign these `users`")
	flags.BoolVar(&o.Draft, "draft", false, "open it as a draft")
	flags.BoolVar(&o.AutoMerge, "auto-merge", false, "have it merge by itself once all checks pass")
	flags.BoolVar(&o.Fork, "fork", false, "push to a fork even where a push is allowed")
	addEnum(cmd, &o.Server, "server", "", "what the repository's `server` is, where its address does not tell", "github", "gitea")
	flags.StringVar(&o.API, "api", "", "the `URL` of the API of a GitHub server of one's own")
	addFormat(cmd, &o.Format, "text", "json")
	o.Proving.addAside(cmd, &o.Verify)
	cmd.PreRunE = func(_ *cobra.Command, args []string) error {
		o.Repository = "."
		if len(args) > 0 {
			o.Repository = args[0]
		}
		return o.validate()
	}
	return cmd
}

func (o *PROptions) validate() error {
	if err := validSelection(o.Selection, o.Fixers); err != nil {
		return err
	}
	if _, err := identity(o.Author); err != nil {
		return err
	}
	if o.Branch == "" {
		o.Branch = "drydock/all"
		if len(o.Only) > 0 {
			o.Branch = "drydock/" + strings.Join(o.Only, "+")
		}
	}
	return nil
}

func identity(author string) (git.Identity, error) {
	name, mail, ok := strings.Cut(author, " <")
	mail, closed := strings.CutSuffix(mail, ">")
	if !ok || !closed || name == "" || mail == "" || strings.ContainsAny(author, "\n\r\x00") {
		return git.Identity{}, usagef("--author takes 'Name <mail>', not %q", author)
	}
	return git.Identity{Name: name, Email: mail}, nil
}

// changesets gives what campaign needs to know. The flags were validated.
func (o *PROptions) changesets(hub forge.Forge) (campaign.Options, error) {
	author, err := identity(o.Author)
	if err != nil {
		return campaign.Options{}, err
	}
	all := campaign.Options{
		Forge: hub, Fixers: o.Fixers, Selection: o.Selection,
		Branch: o.Branch, Base: o.Base, Title: o.Title, Draft: o.Draft, Owners: o.Codeowners, Fork: o.Fork,
		Attention: forge.Attention{Labels: o.Labels, Assignees: o.Assignees, AutoMerge: o.AutoMerge},
		Author:    author, Now: time.Now,
	}
	for _, r := range o.Reviewers {
		if _, team, isTeam := strings.Cut(r, "/"); isTeam {
			all.Attention.Teams = append(all.Attention.Teams, team)
			continue
		}
		all.Attention.Reviewers = append(all.Attention.Reviewers, r)
	}
	if o.Commits == "fixer" {
		all.Commits = campaign.CommitPerFixer
	}
	if o.BodyTemplate != "" {
		text, err := os.ReadFile(o.BodyTemplate)
		if err != nil {
			return all, usagef("--body-template: %v", err)
		}
		parsed, err := template.New("--body-template").Parse(string(text))
		if err != nil {
			return all, usagef("--body-template: %v", err)
		}
		all.Text = campaign.TextOf(parsed)
	}
	return all, nil
}

func runPR(ctx context.Context, o *PROptions) error {
	place, err := o.locate()
	if err != nil {
		return err
	}
	all, err := o.changesets(place.forge)
	if err != nil {
		return err
	}
	if o.Verify {
		defer o.Proving.close()
		all.Prover, all.Clone = &prover{options: &Options{IO: o.IO}, proving: &o.Proving}, true
	}
	p := &prPrinter{options: o}
	if o.DryRun {
		c, err := place.look(ctx, all)
		if err != nil {
			return err
		}
		return p.dryRun(c)
	}
	c, err := lookUp(ctx, all, place.name)
	if err != nil {
		return err
	}
	done, err := all.Apply(ctx, c)
	if err != nil {
		return err
	}
	return p.done(c, done)
}
