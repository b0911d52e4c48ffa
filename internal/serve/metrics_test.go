package serve

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// TestMetricsAreNamedWell, as Prometheus' own linter sees it, with a series of each.
func TestMetricsAreNamedWell(t *testing.T) {
	w := newWorld(t)
	w.must(w.store.SetLimits(t.Context(), "bot", store.GitHub()))
	w.browser("").post("/login", url.Values{"token": {"a token that is not known"}})
	b := w.browser(readerToken)
	b.post("/webhooks/github", nil)
	got, text := b.get("/metrics")
	if got.StatusCode != http.StatusOK {
		t.Fatal(got.Status)
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	w.must(err)
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, name := range []string{"http_requests_total", "http_request_seconds", "logins_total", "webhooks_total", "changesets", "dockerfiles_needing", "campaign_paused", "budget_left", "budget_most", "identity_blocked", "oidc_issuer_up"} {
		if !strings.Contains(text, "# HELP drydock_"+name+" ") {
			t.Errorf("there is no %s", name)
		}
	}
}
