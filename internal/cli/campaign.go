package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/user"
	"path"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/campaign/queue"
	"github.com/drydock-dev/drydock/internal/campaign/reconcile"
	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/git"
)

// CampaignOptions are what the commands about campaigns have in common.
type CampaignOptions struct {
	IO     Streams
	Fixers []fix.Fixer

	Database string
	Ceiling  string // the operator's file
	Author   string
	Jobs     int
	Quiet    bool
	Grace    time.Duration // for the repositories at hand, after an interrupt
	Proving  Proving       // of campaigns that verify
	Format   string
}

// NewCmdCampaign makes the command "drydock campaign".
func NewCmdCampaign(f *Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "campaign",
		Short: "Propose rewrites to many repositories",
		Long: `Propose rewrites to many repositories.

A campaign is a file: which repositories, which fixers, what the pull requests say,
and how many there may be at a time. plan shows what would change and writes nothing
to the forge; apply opens and tends pull requests until nothing can be done now, and
is run again, or left to drydock worker, for the rest. Either may be interrupted at
any time. In the place of a file, file:///folder is a campaign of all fixers over
the bare repositories there.

Each only narrows what the one before allows: the operator's --ceiling, the campaign,
its owner for all of their repositories (a .drydock.yaml in OWNER/.github; .profile on
Gitea), and a repository's own .drydock.yaml. plan and status say which file has set
what.

What is known of campaigns is kept in a database: a file in the user's state folder,
or a PostgreSQL that several machines share (--database; with a password only in
DRYDOCK_DATABASE, or in the file that DRYDOCK_DATABASE_FILE names). It holds no
secrets. The token of the forge comes from GH_TOKEN or GITHUB_TOKEN, or from the
GitHub App in DRYDOCK_APP_ID and DRYDOCK_APP_KEY (the file of its private key); none
is needed for a folder.`,
		Example: `  drydock campaign plan campaign.yaml --report plan.html
  drydock campaign apply campaign.yaml
  drydock campaign status numeric-users`,
		DisableFlagsInUseLine: true,
		RunE:                  wantsCommand,
	}
	cmd.AddCommand(
		newCmdCampaignPlan(f), newCmdCampaignApply(f), newCmdCampaignStatus(f), newCmdCampaignPause(f), newCmdCampaignResume(f),
		newCmdCampaignClose(f), newCmdCampaignRescan(f), newCmdCampaignAudit(f),
	)
	return cmd
}

// addTo defines the flags of a command that only reads and writes rows.
func (o *CampaignOptions) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.Database, "database", "", "a `file` or postgres:// URL (default: DRYDOCK_DATABASE, else drydock/drydock.db in the state folder)")
}

// defaultJobs is above what the processors can do: most of the time a forge is waited
// for.
const defaultJobs = 16

// addWorking defines the flags of a command that works.
func (o *CampaignOptions) addWorking(cmd *cobra.Command) {
	o.addTo(cmd)
	flags := cmd.Flags()
	flags.IntVarP(&o.Jobs, "jobs", "j", max(defaultJobs, 2*runtime.GOMAXPROCS(0)), "work on this `number` of repositories at once")
	flags.StringVar(&o.Ceiling, "ceiling", "", "a `file` that says what campaigns may do at most (default: DRYDOCK_CEILING)")
	flags.StringVar(&o.Author, "author", "drydock <drydock@noreply.invalid>", "`who` commits; the same in every run, as it tells drydock's commits from others")
	flags.BoolVarP(&o.Quiet, "quiet", "q", false, "no progress bar, and no line for each repository")
	o.Proving.addHidden(cmd)
}

// addGrace defines the flag of a command that works until it is stopped.
func (o *CampaignOptions) addGrace(cmd *cobra.Command) {
	o.Grace = queue.DefaultGrace
	cmd.Flags().Var((*grace)(&o.Grace), "grace", "the `time` that the repositories at hand may take after an interrupt, before they are cut off")
}

// logger logs what a command that works until it is stopped does.
func (o *CampaignOptions) logger() *slog.Logger {
	level := slog.LevelInfo
	if o.Quiet {
		level = slog.LevelWarn
	}
	return slog.New(slog.NewTextHandler(o.IO.Err, &slog.HandlerOptions{Level: level}))
}

// open opens the database.
func (o *CampaignOptions) open(ctx context.Context) (*store.Store, error) {
	database := o.Database
	if hasPassword(database) {
		return nil, usagef("the password in --database shows in the list of processes: put the address into DRYDOCK_DATABASE, or into a file that DRYDOCK_DATABASE_FILE names")
	}
	if database == "" {
		var err error
		if database, err = secretIn(ctx, o.IO.Getenv, "DRYDOCK_DATABASE"); err != nil {
			return nil, usagef("%v", err)
		}
	}
	if database == "" {
		dir, err := stateDir(o.IO.Getenv)
		if err != nil {
			return nil, err
		}
		database = filepath.Join(dir, "drydock", "drydock.db")
	}
	return store.Open(ctx, database)
}

// hasPassword reports whether the address of a database has one.
func hasPassword(database string) bool {
	u, err := url.Parse(database)
	if err != nil {
		return strings.Contains(database, "://") && strings.Contains(database, "@")
	}
	_, has := u.User.Password()
	return u.Scheme != "" && (has || u.Query().Has("password") || u.Query().Has("sslpassword"))
}

// stateDir is where the user's programs keep what they know
// (https://specifications.freedesktop.org/basedir-spec/latest/).
func stateDir(getenv func(string) string) (string, error) {
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home := getenv("HOME")
	if runtime.GOOS == "windows" {
		home = getenv("LocalAppData")
	}
	if !filepath.IsAbs(home) {
		return "", usagef("there is no home folder for the database; name it with --database")
	}
	if runtime.GOOS == "windows" {
		return home, nil
	}
	return filepath.Join(home, ".local", "state"), nil
}

// works is what takes the steps of campaigns.
type works struct {
	store      *store.Store
	reconciler *reconcile.Reconciler
	queue      *queue.Queue
	ceiling    spec.Ceiling
}

// softLimit is how much memory is taken without hurry, in bytes: above it garbage is
// collected at once. Most work takes a part of it. GOMEMLIMIT sets another one.
const softLimit = 400 << 20

// working opens the database and makes what takes steps. The caller closes the
// store.
func (o *CampaignOptions) working(ctx context.Context) (*works, error) {
	if o.IO.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softLimit)
	}
	if o.Jobs < 1 {
		return nil, usagef("--jobs takes 1 or more, not %d", o.Jobs)
	}
	author, err := identity(o.Author)
	if err != nil {
		return nil, err
	}
	ceiling, err := o.ceiling()
	if err != nil {
		return nil, err
	}
	s, err := o.open(ctx)
	if err != nil {
		return nil, err
	}
	w := &works{store: s, ceiling: ceiling}
	w.reconciler = &reconcile.Reconciler{
		Store: s, Fixers: o.Fixers, Ceiling: ceiling, Author: author,
		Who: who(o.IO.Getenv), Via: queue.Process(), Version: version(), Room: git.NewRoom(o.Jobs, git.LargestClone),
	}
	hubs := &hubs{store: s, getenv: o.IO.Getenv, limits: store.GitHub()}
	if ceiling.Unlimited {
		hubs.limits = nil
	}
	w.reconciler.Connect = hubs.connect
	w.reconciler.Prover = &prover{options: &Options{IO: o.IO, Quiet: true}, proving: &o.Proving}
	w.queue, err = queue.New(ctx, s, w.reconciler.Step, queue.Options{Workers: o.Jobs, Grace: o.Grace})
	if err != nil {
		s.Close()
		return nil, err
	}
	return w, nil
}

func (o *CampaignOptions) ceiling() (spec.Ceiling, error) {
	path := o.Ceiling
	if path == "" {
		path = o.IO.Getenv("DRYDOCK_CEILING")
	}
	if path == "" {
		return spec.Ceiling{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return spec.Ceiling{}, usagef("--ceiling: %v", err)
	}
	return spec.ParseCeiling(path, text, names(o.Fixers))
}

// who names the person who runs drydock.
func who(getenv func(string) string) string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	if name := getenv("USER"); name != "" {
		return name
	}
	return "somebody"
}

// isFile reports whether an argument names a file rather than a campaign that is
// known: a campaign's name has neither.
func isFile(argument string) bool { return strings.ContainsAny(argument, "./\\") }

// read reads a campaign's file. file:///folder stands for a campaign of all fixers
// over all repositories there.
func (o *CampaignOptions) read(path string) (*spec.Campaign, string, error) {
	text, err := os.ReadFile(path)
	if strings.HasPrefix(path, "file://") {
		text, err = overAll(path), nil
	}
	if err != nil {
		return nil, "", usagef("%v", err)
	}
	c, err := spec.Parse(path, text, names(o.Fixers))
	if err != nil {
		return nil, "", err
	}
	return c, string(text), nil
}

// overAll is the file of a campaign over everything in a folder, which it is called
// after.
func overAll(address string) []byte {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(path.Base(strings.TrimSuffix(address, "/"))))
	return fmt.Appendf(nil, "name: %q\nforge: %q\nselect: {everything: true}\n", strings.Trim("all-"+name, "-"), address)
}
