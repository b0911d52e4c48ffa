package serve

import (
	"maps"
	"net/http"
	"slices"

	"github.com/drydock-dev/drydock/internal/serve/login"
)

// A route is what the server answers, and who may ask for it.
type route struct {
	pattern string     // of http.ServeMux
	needs   login.Role // login.Nobody: everybody may
	do      http.HandlerFunc

	// formless: a write carries no form token. It is signed, begins a session, or is
	// a script's, which other sites are kept from by where it comes from.
	formless bool
}

// routes lists all. What writes is a POST.
func (s *Server) routes() []route {
	all := []route{
		{pattern: "GET /healthz", needs: login.Nobody, do: health},
		{pattern: "GET /readyz", needs: login.Nobody, do: s.ready},
		{pattern: "GET /assets/{name}", needs: login.Nobody, do: s.asset},
		{pattern: "GET /login", needs: login.Nobody, do: s.loginPage},
		{pattern: "POST /login", formless: true, do: s.loginByToken},

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
			route{pattern: "GET /login/oidc", do: s.beginOIDC},
			route{pattern: "GET /login/oidc/callback", do: s.loginByOIDC})
	}
	for _, path := range slices.Sorted(maps.Keys(s.webhooks)) {
		all = append(all, route{pattern: "POST " + path, formless: true, do: s.webhooks[path].ServeHTTP})
	}
	if s.Jobs != nil {
		all = append(all,
			route{pattern: "GET " + JobsPath + "/", needs: login.Reader, do: s.jobs},
			route{pattern: JobsPath + "/", needs: login.Operator, formless: true, do: s.jobsWrite})
	}
	return all
}
