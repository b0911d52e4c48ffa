package serve

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// JobsPath is where the view of the queue is.
const JobsPath = "/jobs"

// themeStyle is the hash of the style element that River's script makes for a moment
// when a theme is chosen (next-themes, disableAnimation): its text is always the same.
const themeStyle = "sha256-skqujXORqzxt1aE0NNXxujEanPTX6raoqSscTV/Ww/Y="

// jobsPolicy is that of River's pages: a script that talks to this server, and fills
// one style element more, which is known by a nonce.
func jobsPolicy(nonce string) string {
	return fmt.Sprintf("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-%s' '%s'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", nonce, themeStyle)
}

// jobs shows River's pages. Their script looks for the style element "_goober", and
// would make one without a nonce if there were none (goober 2, getSheet).
func (s *Server) jobs(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	w.Header().Set("Content-Security-Policy", jobsPolicy(nonce))
	page := &htmlPage{ResponseWriter: w}
	s.Jobs.ServeHTTP(page, r)
	page.end(fmt.Sprintf(`<style id="_goober" nonce="%s"> </style></head>`, nonce))
}

// An htmlPage holds an answer back as long as it is HTML, to end its head otherwise.
// All others pass.
type htmlPage struct {
	http.ResponseWriter
	status int
	isHTML bool
	text   bytes.Buffer
}

func (p *htmlPage) WriteHeader(status int) {
	if p.status != 0 {
		return
	}
	p.status = status
	p.isHTML = strings.HasPrefix(p.Header().Get("Content-Type"), "text/html")
	if !p.isHTML {
		p.ResponseWriter.WriteHeader(status)
	}
}

func (p *htmlPage) Write(text []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	if p.isHTML {
		return p.text.Write(text)
	}
	return p.ResponseWriter.Write(text)
}

// Unwrap is for http.ResponseController.
func (p *htmlPage) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// end sends what was held back, with another end of the head.
func (p *htmlPage) end(head string) {
	if !p.isHTML {
		return
	}
	text := bytes.Replace(p.text.Bytes(), []byte("</head>"), []byte(head), 1)
	p.Header().Set("Content-Length", strconv.Itoa(len(text)))
	p.ResponseWriter.WriteHeader(p.status)
	_, _ = p.ResponseWriter.Write(text) // the visitor has left
}

// jobsWrite lets an operator do something with jobs, and tells the audit log.
func (s *Server) jobsWrite(w http.ResponseWriter, r *http.Request) {
	err := s.Store.Record(r.Context(), store.Entry{Who: visitorOf(r.Context()).user.Name, Action: "jobs", Target: r.Method + " " + r.URL.Path})
	if s.broke(w, r, err) {
		return
	}
	s.Jobs.ServeHTTP(w, r)
}
