package serve

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// A Probe tells whether a process can do its work.
type Probe struct {
	Store *store.Store
	// Working reports whether the workers of this process run; nil: it has none.
	Working func() error
	Logger  *slog.Logger
}

// Handler answers /healthz and /readyz, and nothing else.
func (p Probe) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", health)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { p.ready(w, r) })
	return mux
}

// health says that the process answers.
func health(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// readyWithin is how long the database may take to answer.
const readyWithin = 2 * time.Second

// ready says whether requests can be served, and reports it. What is wrong is for
// the log: anybody may ask.
func (p Probe) ready(w http.ResponseWriter, r *http.Request) bool {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	if err := p.Store.Ping(ctx); err != nil {
		p.Logger.Error("not ready", "cause", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return false
	}
	if p.Working != nil {
		if err := p.Working(); err != nil {
			p.Logger.Error("not ready", "cause", err)
			http.Error(w, "the workers do not run", http.StatusServiceUnavailable)
			return false
		}
	}
	fmt.Fprintln(w, "ready")
	return true
}

// ready is that of the whole server.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	probe := Probe{Store: s.Store, Working: s.Working, Logger: s.Logger}
	// Who has a session or a token, and the forge, are served all the same.
	if probe.ready(w, r) && s.OIDC != nil && s.OIDC.Answers() != nil {
		fmt.Fprintln(w, "the OIDC issuer does not answer: nobody can log in there")
	}
}
