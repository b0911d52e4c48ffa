package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/drydock-dev/drydock/internal/campaign/queue"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/serve"
	"github.com/drydock-dev/drydock/internal/serve/login"
	"github.com/drydock-dev/drydock/internal/serve/webhook"
)

// ServeOptions are those of "drydock serve".
type ServeOptions struct {
	CampaignOptions
	Listen    string
	Address   string
	Campaigns string // a folder of campaigns' files

	Issuer, Client     string // of OIDC
	Scopes             []string
	Operators, Readers []string
}

// NewCmdServe makes the command "drydock serve".
func NewCmdServe(f *Factory) *cobra.Command {
	o := &ServeOptions{CampaignOptions: CampaignOptions{IO: f.Streams, Fixers: f.Fixers}}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the dashboard and webhooks, and work for all campaigns",
		Long: `Serve the dashboard and webhooks, and work for all campaigns.

The files of --campaigns are planned as they come; what is started, paused, retried
or closed is for people in the dashboard to say. Any number of machines may serve the
same PostgreSQL, beside any number of drydock worker.

People log in with a token of DRYDOCK_TOKENS, NAME:ROLE:TOKEN with commas between,
where a role is reader or operator; or at an OIDC issuer, whose client's secret is
DRYDOCK_OIDC_SECRET; one that is away is asked again until it answers. With neither,
on a terminal, a token for this run is shown there. Sessions are signed with
DRYDOCK_SESSION_KEY, and end with the process without one.

Webhooks of a GitHub App or organisation go to /webhooks/github, and are signed with
DRYDOCK_WEBHOOK_SECRET; those of Gitea or Forgejo go to /webhooks/gitea, and are
signed with DRYDOCK_GITEA_WEBHOOK_SECRET. Each of these secrets may be in a file that
the variable with _FILE after it names.

A token as "Authorization: Bearer" reads /metrics; /healthz and /readyz need none.

Put it behind a proxy that speaks TLS, and say --address https://...`,
		Example: `  drydock serve --campaigns campaigns/
  drydock serve --database postgres://drydock@db/drydock --listen :8080 --address https://drydock.example`,
		Args: argsOr(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runServe(cmd.Context(), o) },
	}
	o.addWorking(cmd)
	o.addGrace(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.Listen, "listen", "127.0.0.1:8080", "the `address` to listen on")
	flags.StringVar(&o.Address, "address", "", "the `URL` that people reach it by; https:// makes cookies secure")
	flags.StringVar(&o.Campaigns, "campaigns", "", "a `folder` of campaigns' files, *.yaml, that is looked at again and again")
	flags.StringVar(&o.Issuer, "oidc-issuer", "", "the `URL` of an OIDC issuer that logs people in; needs --address")
	flags.StringVar(&o.Client, "oidc-client", "", "the client's `ID` there")
	flags.StringSliceVar(&o.Scopes, "oidc-scope", []string{"email", "profile"}, "`scopes` to ask for; some issuers tell groups for a scope only")
	flags.StringSliceVar(&o.Operators, "operator", nil, "`who` may change something: verified e-mail addresses, or group:NAME")
	flags.StringSliceVar(&o.Readers, "reader", nil, "`who` may read: the same, or * for everybody whom the issuer knows")
	return cmd
}

func runServe(ctx context.Context, o *ServeOptions) error {
	address, err := o.address()
	if err != nil {
		return err
	}
	logger := o.logger()
	options := serve.Options{Fixers: o.Fixers, Address: address, Logger: logger, Version: version()}
	shown, err := o.entrance(ctx, &options)
	if err != nil {
		return err
	}
	site, err := listen(o.Listen, logger)
	if err != nil {
		return err
	}
	defer site.close()
	w, err := o.working(ctx)
	if ctx.Err() != nil && err != nil {
		return nil // it was stopped before it could begin
	}
	if err != nil {
		return err
	}
	defer w.store.Close()
	if err := w.store.Release(ctx, queue.IsDead); err != nil {
		return err
	}
	folder := &folder{o: o, works: w, logger: logger}
	options.Store, options.Problems, options.Working = w.store, folder.Problems, w.queue.Working
	if options.Jobs, err = w.queue.Jobs(ctx, serve.JobsPath, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	handler, err := serve.New(options)
	if err != nil {
		return err
	}
	site.Open(handler)
	fmt.Fprintf(o.IO.Err, "drydock: serves %s at http://%s%s\n", w.store.Name(), site.address, shown)
	inbox := &webhook.Follower{Store: w.store, Logger: logger, Connect: func(address string) (forge.Forge, error) {
		c, err := w.reconciler.Connect(address)
		return c.Forge, err
	}}
	return together(ctx,
		site.wait,
		func(ctx context.Context) error {
			return w.queue.Run(ctx, func(ctx context.Context) error { return o.relist(ctx, w) })
		},
		folder.watch,
		inbox.Run,
		func(ctx context.Context) error {
			if options.OIDC != nil {
				options.OIDC.Watch(ctx, func(err error) { logger.Warn("nobody can log in there yet", "cause", err) })
			}
			return nil
		},
	)
}

// together runs all until the context ends or one of them fails, and waits for the
// others to end then.
func together(ctx context.Context, all ...func(context.Context) error) error {
	running, ctx := errgroup.WithContext(ctx)
	for _, one := range all {
		running.Go(func() error { return one(ctx) })
	}
	return running.Wait()
}

// address reads --address.
func (o *ServeOptions) address() (*url.URL, error) {
	if o.Address == "" {
		return nil, nil
	}
	u, err := url.Parse(o.Address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" || u.Path != "" && u.Path != "/" {
		return nil, usagef("--address is no URL such as https://drydock.example")
	}
	return u, nil
}

// secretIn gives a secret of a variable, or of the file that it names, "" if there
// is none.
func secretIn(ctx context.Context, getenv func(string) string, name string) (string, error) {
	read := tokenIn(getenv, name)
	if read == nil {
		return "", nil
	}
	return read(ctx)
}

// The lengths that a session's key and the secret of webhooks have at least, in
// bytes.
const (
	minKey    = 32
	minSecret = 16
)

// entrance sets who can log in. shown tells the person at the terminal.
func (o *ServeOptions) entrance(ctx context.Context, to *serve.Options) (shown string, err error) {
	secrets := map[string]string{}
	for name, least := range map[string]int{"DRYDOCK_SESSION_KEY": minKey, "DRYDOCK_WEBHOOK_SECRET": minSecret, "DRYDOCK_GITEA_WEBHOOK_SECRET": minSecret, "DRYDOCK_TOKENS": 0, "DRYDOCK_OIDC_SECRET": 0} {
		text, err := secretIn(ctx, o.IO.Getenv, name)
		if err != nil {
			return "", usagef("%v", err)
		}
		if text != "" && len(text) < least {
			return "", usagef("%s is shorter than %d characters", name, least)
		}
		secrets[name] = text
	}
	key := secrets["DRYDOCK_SESSION_KEY"]
	to.WebhookSecret, to.GiteaWebhookSecret = []byte(secrets["DRYDOCK_WEBHOOK_SECRET"]), []byte(secrets["DRYDOCK_GITEA_WEBHOOK_SECRET"])
	to.Sessions = login.NewSessions([]byte(key), to.Address)
	if to.Tokens, err = login.ParseTokens(secrets["DRYDOCK_TOKENS"]); err != nil {
		return "", usagef("DRYDOCK_TOKENS: %v", err)
	}
	if o.Issuer != "" {
		if to.Address == nil || o.Client == "" {
			return "", usagef("--oidc-issuer needs --address and --oidc-client")
		}
		to.OIDC, err = login.NewOIDC(login.OIDCOptions{
			Issuer: o.Issuer, ClientID: o.Client, ClientSecret: secrets["DRYDOCK_OIDC_SECRET"],
			Address: to.Address, Sessions: to.Sessions, Scopes: o.Scopes, Operators: o.Operators, Readers: o.Readers,
		})
		if err != nil {
			return "", usagef("--oidc-issuer: %v", err)
		}
	}
	if !to.Tokens.IsEmpty() || to.OIDC != nil {
		return "", nil
	}
	if !o.IO.ErrTerminal {
		return "", usagef("nobody can log in: set DRYDOCK_TOKENS, or --oidc-issuer")
	}
	token, tokens := login.NewToken(who(o.IO.Getenv))
	to.Tokens = tokens
	return ", for the token " + token, nil
}
