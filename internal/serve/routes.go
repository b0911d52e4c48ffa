package serve

import (
	"net/http"
	"strings"

	"github.com/drydock-dev/drydock/internal/serve/login"
)

// JobsPath is where the view of the queue is.
const JobsPath = "/jobs"

// A route is what the server answers, and who may ask for it.
type route struct {
	pattern string     // of http.ServeMux
	needs   login.Role // login.Nobody: everybody may
	do      http.HandlerFunc
}

// routes lists all. What writes is a POST; guarded asks each of them for a form
// token, but for webhooks, which are signed, and the jobs, which check themselves.
func (s *Server) routes() []route {
	all := []route{
		{"GET /healthz", login.Nobody, s.health},
		{"GET /readyz", login.Nobody, s.ready},
		{"GET /assets/{name}", login.Nobody, s.asset},
		{"GET /login", login.Nobody, s.loginPage},
		{"POST /login", login.Nobody, s.loginByToken},

		{"GET /{$}", login.Reader, s.campaignsPage},
		{"GET /campaigns/{campaign}", login.Reader, s.campaignPage},
		{"GET /campaigns/{campaign}/changesets/{repository...}", login.Reader, s.changesetPage},
		{"GET /campaigns/{campaign}/diff/{repository...}", login.Reader, s.diffFile},
		{"GET /failures", login.Reader, s.failuresPage},
		{"GET /budget", login.Reader, s.budgetPage},
		{"GET /audit", login.Reader, s.auditPage},
		{"GET /audit.jsonl", login.Reader, s.auditExport},
		{"GET /metrics", login.Reader, s.metrics.ServeHTTP},
		{"POST /logout", login.Reader, s.logout},

		{"GET /campaigns/{campaign}/do/{action}", login.Operator, s.confirmPage},
		{"POST /campaigns/{campaign}/do/{action}", login.Operator, s.act},
		{"GET /all/do/{action}", login.Operator, s.confirmPage},
		{"POST /all/do/{action}", login.Operator, s.act},
		{"POST /campaigns/{campaign}/retry/{repository...}", login.Operator, s.retry},
		{"POST /failures/retry", login.Operator, s.retryAll},
	}
	if s.OIDC != nil {
		all = append(all,
			route{"GET /login/oidc", login.Nobody, s.OIDC.Begin},
			route{"GET /login/oidc/callback", login.Nobody, s.loginByOIDC})
	}
	if s.Webhooks != nil {
		all = append(all, route{"POST /webhooks/github", login.Nobody, s.Webhooks.ServeHTTP})
	}
	if s.Jobs != nil {
		all = append(all,
			route{"GET " + JobsPath + "/", login.Reader, s.Jobs.ServeHTTP},
			route{JobsPath + "/", login.Operator, s.Jobs.ServeHTTP})
	}
	return all
}

// isFormless reports whether a write carries no form token.
func isFormless(path string) bool {
	return path == "/login" || strings.HasPrefix(path, "/webhooks/") || strings.HasPrefix(path, JobsPath+"/")
}
