package serve

import (
	"net/http"
	"strings"

	"github.com/drydock-dev/drydock/internal/serve/login"
)

type loginView struct {
	To           string // where to go afterwards
	Wrong        string
	Tokens, OIDC bool
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	if visitorOf(r.Context()).user.May(login.Reader) {
		http.Redirect(w, r, within(r.FormValue("to")), http.StatusSeeOther)
		return
	}
	s.showLogin(w, r, http.StatusOK, "")
}

func (s *Server) showLogin(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	s.show(w, r, status, "login", "Log in", loginView{
		To: within(r.FormValue("to")), Wrong: wrong, Tokens: !s.Tokens.IsEmpty(), OIDC: s.OIDC != nil,
	})
}

// maxTo bounds where somebody goes after a login, in bytes: a cookie holds it.
const maxTo = 1000

// within keeps a redirect on this server: a path, of which a browser makes no host.
func within(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") || strings.HasPrefix(to, "/login") || len(to) > maxTo {
		return "/"
	}
	return to
}

func (s *Server) loginByToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	token := strings.TrimSpace(r.PostFormValue("token"))
	user := s.Tokens.Who(token)
	if !user.May(login.Reader) {
		s.metrics.logins.WithLabelValues("refused").Inc()
		s.Logger.Warn("a token is not known", "from", r.RemoteAddr)
		s.showLogin(w, r, http.StatusUnauthorized, "This token is not known.")
		return
	}
	s.enter(w, r, user, login.Mark(token), r.PostFormValue("to"))
}

// beginOIDC sends a visitor to the issuer, or says that it is away.
func (s *Server) beginOIDC(w http.ResponseWriter, r *http.Request) {
	if err := s.OIDC.Begin(w, r); err != nil {
		s.metrics.logins.WithLabelValues("refused").Inc()
		s.Logger.Warn("a login failed", "from", r.RemoteAddr, "cause", err)
		s.showLogin(w, r, http.StatusServiceUnavailable, login.Say(err))
	}
}

func (s *Server) loginByOIDC(w http.ResponseWriter, r *http.Request) {
	user, to, err := s.OIDC.End(w, r)
	if err != nil {
		s.metrics.logins.WithLabelValues("refused").Inc()
		s.Logger.Warn("a login failed", "from", r.RemoteAddr, "cause", err)
		s.showLogin(w, r, http.StatusUnauthorized, login.Say(err))
		return
	}
	s.enter(w, r, user, s.OIDC.Mark(), to)
}

func (s *Server) enter(w http.ResponseWriter, r *http.Request, u login.User, mark, to string) {
	s.metrics.logins.WithLabelValues("done").Inc()
	s.Logger.Info("login", "who", u.Name, "role", u.Role.String())
	s.Sessions.Begin(w, u, mark)
	http.Redirect(w, r, within(to), http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	// A copy of the cookie is worth nothing from now on either.
	v := visitorOf(r.Context())
	if s.broke(w, r, s.Store.EndSession(r.Context(), v.session.ID, v.session.Until)) {
		return
	}
	s.Logger.Info("logout", "who", v.user.Name)
	s.Sessions.End(w)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
