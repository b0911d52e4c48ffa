package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/serve/login"
	"github.com/drydock-dev/drydock/internal/serve/webhook"
)

// Options say what is served, and to whom. A field is needed unless it says what
// holds without it.
type Options struct {
	Store    *store.Store
	Fixers   []fix.Fixer
	Sessions *login.Sessions
	Tokens   login.Tokens
	OIDC     *login.OIDC // nil: nobody logs in by it
	// Address is where people reach the server, such as https://drydock.example;
	// nil if that is not known. Links of pages need none.
	Address *url.URL
	// Secrets of webhooks, of a GitHub App or organisation, and of Gitea or Forgejo;
	// none: no webhooks of theirs are taken.
	WebhookSecret, GiteaWebhookSecret []byte
	// Jobs is the view of the queue under Jobs' path; nil: there is none.
	Jobs http.Handler
	// Problems lists what is wrong with the files of campaigns; nil: nothing is.
	Problems func() []string
	// Working reports whether the workers of this process run; nil: it has none.
	Working func() error
	Logger  *slog.Logger // nil: nothing is logged
	Version string
}

// A Server answers requests. Make one with New.
type Server struct {
	Options
	pages    pages
	metrics  *metrics
	webhooks map[string]http.Handler // by their paths
	handler  http.Handler
}

// New makes a server. The error says what is missing.
func New(o Options) (*Server, error) {
	if o.Store == nil || o.Sessions == nil {
		return nil, errors.New("a server needs a store and sessions")
	}
	if o.Tokens.IsEmpty() && o.OIDC == nil {
		return nil, errors.New("nobody can log in")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	s := &Server{Options: o}
	var err error
	if s.pages, err = parsePages(); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	s.metrics = newMetrics(s)
	s.webhooks = map[string]http.Handler{}
	for _, one := range []struct {
		path   string
		sender webhook.Sender
		secret []byte
	}{{"/webhooks/github", webhook.GitHub, o.WebhookSecret}, {"/webhooks/gitea", webhook.Gitea, o.GiteaWebhookSecret}} {
		if len(one.secret) == 0 {
			continue
		}
		r := &webhook.Receiver{Sender: one.sender, Secret: one.secret, Inbox: o.Store, Logger: o.Logger, Came: func(event, result string) {
			s.metrics.webhooks.WithLabelValues(event, result).Inc()
		}}
		s.webhooks[one.path] = r.Handler()
	}
	s.handler = s.guarded(s.routes())
	return s, nil
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

type visitorKey struct{}

// A visitor is who sent a request.
type visitor struct {
	session login.Session
	user    login.User
}

func visitorOf(ctx context.Context) visitor {
	v, _ := ctx.Value(visitorKey{}).(visitor)
	return v
}
