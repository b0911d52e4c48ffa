package serve

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// health says that the process answers.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// readyWithin is how long the database may take to answer.
const readyWithin = 2 * time.Second

// ready says whether requests can be served. What is wrong is for the log: anybody
// may ask.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	if err := s.Store.Ping(ctx); err != nil {
		s.Logger.Error("not ready", "cause", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	if s.Working != nil {
		if err := s.Working(); err != nil {
			s.Logger.Error("not ready", "cause", err)
			http.Error(w, "the workers do not run", http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, "ready")
	// Who has a session or a token, and the forge, are served all the same.
	if s.OIDC != nil && s.OIDC.Answers() != nil {
		fmt.Fprintln(w, "the OIDC issuer does not answer: nobody can log in there")
	}
}
