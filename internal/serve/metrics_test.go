package serve

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

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
	_, err := w.store.Deliver(t.Context(), store.Delivery{App: "github", GUID: "g", Event: "push", Repository: "acme/shop", Payload: "{}"})
	w.must(err)
	w.look("acme/shop", func(l *store.Look) { l.Due = w.store.Now().Add(-time.Hour) })
	got, text := b.get("/metrics")
	for _, line := range []string{`drydock_webhooks_waiting 1`, `drydock_due_lag_seconds 36`, `drydock_build_info{version="test"} 1`, `drydock_changesets{campaign="users",state="failed"} 1`} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("there is no %s", line)
		}
	}
	if got.StatusCode != http.StatusOK {
		t.Fatal(got.Status)
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	w.must(err)
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, name := range []string{"http_requests_total", "http_request_seconds", "logins_total", "webhooks_total", "changesets", "dockerfiles_needing", "campaign_paused", "budget_left", "budget_most", "identity_blocked", "webhooks_waiting", "due_lag_seconds", "build_info", "oidc_issuer_up"} {
		if !strings.Contains(text, "# HELP drydock_"+name+" ") {
			t.Errorf("there is no %s", name)
		}
	}
}
