package serve

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/serve/login"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// pages are the templates by name, each with the frame around it.
type pages map[string]*template.Template

func parsePages() (pages, error) {
	frame, err := template.New("frame.html").Funcs(functions).ParseFS(pageFiles, "pages/frame.html", "pages/parts.html")
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		return nil, err
	}
	all := pages{}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "frame" || name == "parts" {
			continue
		}
		whole, err := frame.Clone()
		if err != nil {
			return nil, err
		}
		if all[name], err = whole.ParseFS(pageFiles, file); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// A frame is what every page shows around its own view.
type frame struct {
	Title   string
	At      string // the entry of the menu
	User    login.User
	Form    string       // the token of this session's forms
	Paused  *store.Pause // of everything
	Jobs    bool
	Version string
	View    any
}

// IsOperator reports whether the visitor may change something.
func (f frame) IsOperator() bool { return f.User.May(login.Operator) }

// show answers with a page.
func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, page, title string, view any) {
	v := visitorOf(r.Context())
	f := frame{Title: title, At: "/" + strings.SplitN(r.URL.Path, "/", 3)[1], User: v.user, Jobs: s.Jobs != nil, Version: s.Version, View: view}
	if f.At == "/campaigns" {
		f.At = "/"
	}
	if v.user.May(login.Reader) {
		f.Form = s.Sessions.FormToken(v.session)
		// A page is worth showing without it.
		if pauses, err := s.Store.Pauses(r.Context()); err == nil {
			for _, p := range pauses {
				if p.Scope == store.AllCampaigns {
					f.Paused = &p
				}
			}
		}
	}
	var out bytes.Buffer
	if err := s.pages[page].ExecuteTemplate(&out, "frame.html", f); err != nil {
		s.Logger.Error("a page failed", "page", page, "cause", err)
		http.Error(w, "This page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the visitor has left
}

type failureView struct {
	Status int
	Text   string
}

// fail answers with what went wrong.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, status int, text string) {
	s.show(w, r, status, "failure", http.StatusText(status), failureView{status, text})
}

// asset serves a file of the pages.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	// A new drydock has new files under the same names.
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, assetFiles, "assets/"+path.Base(path.Clean("/"+r.PathValue("name"))))
}
