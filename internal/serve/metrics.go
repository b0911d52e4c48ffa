package serve

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// metrics are what Prometheus is told.
type metrics struct {
	http.Handler
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	logins   *prometheus.CounterVec
	webhooks *prometheus.CounterVec
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "drydock_http_requests_total", Help: "Requests that were answered."}, []string{"route", "status"}),
		took:     prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "drydock_http_request_seconds", Help: "How long answers took."}, []string{"route"}),
		logins:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "drydock_logins_total", Help: "Attempts to log in, by what came of them."}, []string{"result"}),
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "drydock_webhooks_total", Help: "Webhooks that came, by what came of them."}, []string{"event", "result"}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.took, m.logins, m.webhooks, &rowsCollector{s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "drydock_build_info", Help: "Always 1; which drydock this is.", ConstLabels: prometheus.Labels{"version": s.Version}}, func() float64 { return 1 }))
	if s.OIDC != nil {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "drydock_oidc_issuer_up", Help: "1 if the OIDC issuer has answered, so that people can log in there."}, func() float64 {
			return truth(s.OIDC.Answers() == nil)
		}))
	}
	m.Handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

// saw counts a request under its route: what visitors type makes no new series.
func (m *metrics) saw(r *http.Request, status int, took time.Duration) {
	m.requests.WithLabelValues(r.Pattern, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(r.Pattern).Observe(took.Seconds())
}

var (
	changesets = prometheus.NewDesc("drydock_changesets", "Repositories of a campaign, by state.", []string{"campaign", "state"}, nil)
	needs      = prometheus.NewDesc("drydock_dockerfiles_needing", "Dockerfiles that still need a fixer.", []string{"campaign", "fixer"}, nil)
	paused     = prometheus.NewDesc("drydock_campaign_paused", "1 if a campaign is paused.", []string{"campaign"}, nil)
	tokens     = prometheus.NewDesc("drydock_budget_left", "What is left of a limit of the forge's.", []string{"identity", "bucket"}, nil)
	most       = prometheus.NewDesc("drydock_budget_most", "What a limit of the forge's holds at most at once.", []string{"identity", "bucket"}, nil)
	waiting    = prometheus.NewDesc("drydock_webhooks_waiting", "Webhooks that were taken, and that nobody has followed yet.", nil, nil)
	lag        = prometheus.NewDesc("drydock_due_lag_seconds", "For how long that repository is due that is due for longest: workers are missing, or too few.", nil, nil)
	blocked    = prometheus.NewDesc("drydock_identity_blocked", "1 if the forge has asked an identity to wait.", []string{"identity"}, nil)
)

// A rowsCollector reads the store at every scrape: the rows are shared with other
// processes.
type rowsCollector struct{ s *Server }

func (c *rowsCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{changesets, needs, paused, tokens, most, blocked, waiting, lag} {
		out <- d
	}
}

// scrapeTimeout bounds the reading of the rows.
const scrapeTimeout = 8 * time.Second

func (c *rowsCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	all, err := c.s.Store.Campaigns(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(changesets, err)
		return
	}
	for _, one := range all {
		for _, state := range store.States {
			gauge(changesets, float64(one.Counts[state]), one.Name, string(state))
		}
		gauge(paused, truth(one.Paused != nil), one.Name)
		needed, err := c.s.Store.Needs(ctx, one.Name)
		if err != nil {
			out <- prometheus.NewInvalidMetric(needs, err)
			return
		}
		for _, n := range needed {
			gauge(needs, float64(n.Dockerfiles), one.Name, n.Fixer)
		}
	}
	inbox, err := c.s.Store.Waiting(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(waiting, err)
		return
	}
	gauge(waiting, float64(inbox))
	next, err := c.s.Store.NextDue(ctx, store.AllCampaigns)
	if err != nil {
		out <- prometheus.NewInvalidMetric(lag, err)
		return
	}
	late := 0.0
	if !next.IsZero() {
		late = max(0, c.s.Store.Now().Sub(next).Seconds())
	}
	gauge(lag, late)
	levels, err := c.s.Store.Budget(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(tokens, err)
		return
	}
	told := map[string]bool{}
	for _, l := range levels {
		gauge(tokens, l.Tokens, l.Identity, string(l.Bucket))
		gauge(most, l.Burst, l.Identity, string(l.Bucket))
		if !told[l.Identity] {
			gauge(blocked, truth(!l.Blocked.IsZero()), l.Identity)
		}
		told[l.Identity] = true
	}
}

func truth(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}
