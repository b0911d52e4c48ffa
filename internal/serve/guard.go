package serve

import (
	"context"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/serve/login"
)

// policy lets a page load what this server has, and nothing else; nobody may frame
// it, and its forms are sent nowhere else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxForm bounds what is sent to the server's own forms, in bytes.
const maxForm = 64 << 10

// guarded puts the routes behind what holds for all of them.
func (s *Server) guarded(routes []route) http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.HandleFunc(r.pattern, s.admitted(r))
	}
	mux.HandleFunc("/", s.admitted(route{needs: login.Reader, do: func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, http.StatusNotFound, "There is no such page.")
	}}))
	sites := http.NewCrossOriginProtection()
	if s.Address != nil { // a proxy may send another Host
		if err := sites.AddTrustedOrigin(s.Address.Scheme + "://" + s.Address.Host); err != nil {
			s.Logger.Warn("--address is no origin", "cause", err)
		}
	}
	sites.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, http.StatusForbidden, "This came from another site, and was not done.")
	}))
	sitesChecked := sites.Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &answer{ResponseWriter: w}
		began := time.Now()
		defer func() {
			if err := recover(); err != nil {
				if err == http.ErrAbortHandler {
					panic(err)
				}
				s.Logger.Error("a request failed", "path", r.URL.Path, "panic", err, "stack", string(debug.Stack()))
				if answer.status == 0 {
					http.Error(answer, "This did not work.", http.StatusInternalServerError)
				}
			}
			s.metrics.saw(r, answer.code(), time.Since(began))
		}()
		s.secure(w.Header())
		sitesChecked.ServeHTTP(answer, r)
	})
}

// secure sets the headers that every answer has.
func (s *Server) secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	if s.Address != nil && s.Address.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// admitted lets those use a route who may.
func (s *Server) admitted(to route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := s.visitor(r)
		if err != nil && !to.open {
			s.broke(w, r, err)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), visitorKey{}, v))
		if !to.open && !v.user.May(max(to.needs, login.Reader)) {
			s.turnAway(w, r, v.user)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !to.formless {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			if !s.Sessions.IsFormToken(v.session, r.PostFormValue("form")) {
				s.fail(w, r, http.StatusForbidden, "This form is out of date. Go back, load the page again, and send it once more.")
				return
			}
		}
		to.do(w, r)
	}
}

// visitor tells who sent a request: by the cookie, or, to read only, by a token in
// the Authorization header, as Prometheus sends it. With an error it is not known
// whether the session has ended.
func (s *Server) visitor(r *http.Request) (visitor, error) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		user := s.Tokens.Who(token)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			user = login.User{}
		}
		return visitor{user: user}, nil
	}
	session := s.Sessions.Read(r)
	if session.ID == "" {
		return visitor{}, nil
	}
	if ended, err := s.Store.SessionEnded(r.Context(), session.ID); ended || err != nil {
		return visitor{}, err
	}
	if s.OIDC == nil || session.Token != s.OIDC.Mark() {
		session.User = s.Tokens.Marked(session.Token)
	}
	return visitor{session: session, user: session.User}, nil
}

// turnAway answers somebody who may not: who has not logged in is sent to do so.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, u login.User) {
	switch {
	case u.May(login.Reader):
		s.fail(w, r, http.StatusForbidden, "Only operators may do this, and "+u.Name+" is a reader.")
	case r.Method == http.MethodPost && strings.Contains(r.Header.Get("Accept"), "text/html"):
		s.showLogin(w, r, http.StatusUnauthorized, "Your session has ended, and this was not done. Log in, and do it once more.")
	case r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html"):
		to := "/login"
		if path := r.URL.RequestURI(); path != "/" {
			to += "?" + url.Values{"to": {path}}.Encode()
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	default:
		w.Header().Set("WWW-Authenticate", `Bearer realm="drydock"`)
		http.Error(w, "Log in first.", http.StatusUnauthorized)
	}
}

// An answer keeps which status was answered.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}
