package serve

import (
	"maps"
	"net/http"
	"slices"

	"github.com/drydock-dev/drydock/internal/serve/login"
)

// A route is what the server answers, and who may ask for it: readers, if nothing
// else is said.
type route struct {
	pattern string // of http.ServeMux
	open    bool   // everybody may
	needs   login.Role
	do      http.HandlerFunc

	// formless: a write carries no form token. It is signed, begins a session, or is
	// a script's, which other sites are kept from by where it comes from.
	formless bool
}

// routes lists all. What writes is a POST.
func (s *Server) routes() []route {
	all := []route{
		{pattern: "GET /healthz", open: true, do: health},
		{pattern: "GET /readyz", open: true, do: s.ready},
		{pattern: "GET /assets/{name}", open: true, do: s.asset},
		{pattern: "GET /login", open: true, do: s.loginPage},
		{pattern: "POST /login", open: true, formless: true, do: s.loginByToken},

		{pattern: "GET /{$}", needs: login.Reader, do: s.campaignsPage},
		{pattern: "GET /campaigns/{campaign}", needs: login.Reader, do: s.campaignPage},
		{pattern: "GET /campaigns/{campaign}/changesets/{repository...}", needs: login.Reader, do: s.changesetPage},
		{pattern: "GET /campaigns/{campaign}/diff/{repository...}", needs: login.Reader, do: s.diffFile},
		{pattern: "GET /failures", needs: login.Reader, do: s.failuresPage},
		{pattern: "GET /budget", needs: login.Reader, do: s.budgetPage},
		{pattern: "GET /audit", needs: login.Reader, do: s.auditPage},
		{pattern: "GET /audit.jsonl", needs: login.Reader, do: s.auditExport},
		{pattern: "GET /metrics", needs: login.Reader, do: s.metrics.ServeHTTP},
		{pattern: "POST /logout", needs: login.Reader, do: s.logout},

		{pattern: "GET /campaigns/{campaign}/do/{action}", needs: login.Operator, do: s.confirmPage},
		{pattern: "POST /campaigns/{campaign}/do/{action}", needs: login.Operator, do: s.act},
		{pattern: "GET /all/do/{action}", needs: login.Operator, do: s.confirmPage},
		{pattern: "POST /all/do/{action}", needs: login.Operator, do: s.act},
		{pattern: "POST /campaigns/{campaign}/retry/{repository...}", needs: login.Operator, do: s.retry},
		{pattern: "POST /failures/retry", needs: login.Operator, do: s.retryAll},
	}
	if s.OIDC != nil {
		all = append(all,
			route{pattern: "GET /login/oidc", open: true, do: s.beginOIDC},
			route{pattern: "GET /login/oidc/callback", open: true, do: s.loginByOIDC})
	}
	for _, path := range slices.Sorted(maps.Keys(s.webhooks)) {
		all = append(all, route{pattern: "POST " + path, open: true, formless: true, do: s.webhooks[path].ServeHTTP})
	}
	if s.Jobs != nil {
		all = append(all,
			route{pattern: "GET " + JobsPath + "/", needs: login.Reader, do: s.jobs},
			route{pattern: JobsPath + "/", needs: login.Operator, formless: true, do: s.jobsWrite})
	}
	return all
}
