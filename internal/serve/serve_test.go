package serve

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/report"
	"github.com/drydock-dev/drydock/internal/serve/login"
)

const (
	operatorToken = "operators-own-token-0123456789"
	readerToken   = "readers-own-token-0123456789"
)

// A world is a server over a database that has one campaign.
type world struct {
	t      *testing.T
	store  *store.Store
	server *Server
	http   *httptest.Server
	log    bytes.Buffer
}

const hostileName = "acme/<script>alert(1)</script>"

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	var err error
	if w.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "drydock.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	w.must(w.store.SaveCampaign(t.Context(), store.Campaign{Name: "users", Spec: "name: users\n", Path: "users.yaml", Forge: "github.com", Stage: store.Running}))
	w.must(w.store.Enlist(t.Context(), "users", []string{"acme/shop", "acme/broken", hostileName}))
	evidence, err := json.Marshal([]report.File{{Path: "Dockerfile", Outcomes: []report.Outcome{
		{Fixer: "numeric-user", Status: report.Applied, Safety: "safe", Line: 3, Message: "Run as 1001"},
		{Fixer: "multistage", Status: "declined", Line: 1, Reason: "the base image is <b>unknown</b>"},
	}}})
	w.must(err)
	w.look("acme/shop", func(l *store.Look) {
		l.State, l.Pull, l.PullURL, l.Title = store.Opened, 7, "https://github.com/acme/shop/pull/7", "Dockerfile: use a numeric user"
		l.Texts = &store.Texts{Diff: "--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,2 +1,2 @@\n FROM debian\n-USER app\n+USER 1001 \u202e<img src=x onerror=alert(1)>\n", Evidence: string(evidence), Body: "why"}
		l.Needs = map[string]int{"numeric-user": 1}
		l.Settings = []string{"acme/.github/.drydock.yaml: safe: true", `.drydock.yaml: exclude: ["<b>"]`}
		l.Unread = []string{"a/Dockerfile:2:1: unknown instruction", "b/Dockerfile:2:1: unknown instruction"}
	})
	w.look("acme/broken", func(l *store.Look) { l.State, l.Error, l.Attempts = store.Failed, "the clone broke", 2 })
	w.look(hostileName, func(l *store.Look) {
		l.State, l.Pull, l.PullURL, l.Reason = store.Declined, 1, "javascript:alert(1)", "</td><script>"
	})
	tokens, err := login.ParseTokens("ann:operator:" + operatorToken + ",bob:reader:" + readerToken)
	w.must(err)
	// Nobody is there, so that a stranger is told so.
	oidc, err := login.NewOIDC(login.OIDCOptions{Issuer: "http://127.0.0.1:1", ClientID: "drydock", Address: &url.URL{Scheme: "http", Host: "drydock.example"}, Sessions: login.NewSessions(nil, nil)})
	w.must(err)
	w.server, err = New(Options{
		OIDC: oidc, Store: w.store, Fixers: fixers.All(), Sessions: login.NewSessions(nil, nil), Tokens: tokens,
		Jobs: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == JobsPath+"/page" {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				io.WriteString(w, "<head></head>")
			}
			io.WriteString(w, "jobs")
		}),
		WebhookSecret: []byte("the secret of webhooks"), GiteaWebhookSecret: []byte("the secret of a Gitea"),
		Problems: func() []string { return []string{"x.yaml:1:1: <i>broken</i>"} },
		Logger:   slog.New(slog.NewTextHandler(&w.log, nil)), Version: "test",
	})
	w.must(err)
	w.http = httptest.NewServer(w.server)
	t.Cleanup(w.http.Close)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) look(repository string, change func(*store.Look)) {
	w.t.Helper()
	c, err := w.store.Changeset(w.t.Context(), "users", repository)
	w.must(err)
	l := store.Look{Changeset: c}
	l.Looked = w.store.Now()
	change(&l)
	w.must(w.store.Save(w.t.Context(), l))
}

// A browser keeps cookies, and follows no redirect.
type browser struct {
	*world
	client http.Client
}

func (w *world) browser(token string) *browser {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	w.must(err)
	b := &browser{w, http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if token != "" {
		if got, _ := b.post("/login", url.Values{"token": {token}}); got.StatusCode != http.StatusSeeOther {
			w.t.Fatalf("login: %s", got.Status)
		}
	}
	return b
}

func (b *browser) do(r *http.Request) (*http.Response, string) {
	b.t.Helper()
	got, err := b.client.Do(r)
	b.must(err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	b.must(err)
	return got, string(text)
}

func (b *browser) request(method, path string, form url.Values) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.http.URL+path, strings.NewReader(form.Encode()))
	b.must(err)
	r.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

func (b *browser) get(path string) (*http.Response, string) {
	b.t.Helper()
	return b.do(b.request(http.MethodGet, path, nil))
}

func (b *browser) post(path string, form url.Values) (*http.Response, string) {
	b.t.Helper()
	return b.do(b.request(http.MethodPost, path, form))
}

var formToken = regexp.MustCompile(`name="form" value="([^"]+)"`)

// form gives what the forms of this browser's pages carry.
func (b *browser) form() url.Values {
	b.t.Helper()
	_, page := b.get("/")
	found := formToken.FindStringSubmatch(page)
	if found == nil {
		b.t.Fatal("the page has no form")
	}
	return url.Values{"form": {found[1]}}
}

func TestOperatorsOperate(t *testing.T) {
	w := newWorld(t)
	b := w.browser(operatorToken)
	form := b.form()
	post := func(path string, more ...string) {
		t.Helper()
		values := url.Values{"form": form["form"]}
		for i := 0; i < len(more); i += 2 {
			values.Set(more[i], more[i+1])
		}
		if got, page := b.post(path, values); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %s\n%s", path, got.Status, page)
		}
	}
	post("/campaigns/users/do/pause", "reason", "a freeze")
	p, err := w.store.Paused(t.Context(), "users")
	w.must(err)
	if p == nil || p.Who != "ann" || p.Reason != "a freeze" {
		t.Errorf("%+v", p)
	}
	if _, page := b.get("/campaigns/users"); !strings.Contains(page, "a freeze") || !strings.Contains(page, "/do/resume") {
		t.Error("the page does not say that it is paused")
	}
	post("/campaigns/users/do/resume")
	post("/all/do/pause")
	if _, page := b.get("/audit"); !strings.Contains(page, "Everything is paused") {
		t.Error("no banner")
	}
	post("/all/do/resume")
	post("/campaigns/users/retry/acme/broken")
	c, err := w.store.Changeset(t.Context(), "users", "acme/broken")
	w.must(err)
	if c.Attempts != 0 || c.Due.After(w.store.Now()) || c.Due.IsZero() {
		t.Errorf("%+v", c)
	}
	post("/failures/retry")
	post("/campaigns/users/do/rescan")
	post("/campaigns/users/do/close")
	post("/campaigns/users/do/start")
	row, err := w.store.Row(t.Context(), "users")
	w.must(err)
	if row.Stage != store.Running {
		t.Error(row.Stage)
	}
	var did []string
	entries, err := w.store.Audit(t.Context(), store.Page{})
	w.must(err)
	for _, e := range entries {
		if e.Who != "ann" {
			t.Errorf("%+v", e)
		}
		did = append(did, e.Action)
	}
	if got, want := strings.Join(did, ", "), "start, close campaign, look again, look again, look again, resume, pause, resume, pause"; got != want {
		t.Errorf("the audit log: %s", got)
	}
	w.must(w.store.SetStage(t.Context(), "users", store.Ended))
	if got, _ := b.post("/campaigns/users/do/close", form); got.StatusCode != http.StatusConflict {
		t.Errorf("an action that makes no sense any more: %s", got.Status)
	}
	for path, status := range map[string]int{"/campaigns/none": 404, "/campaigns/users/changesets/acme/none": 404, "/campaigns/users/do/explode": 404, "/all/do/close": 404} {
		if got, _ := b.get(path); got.StatusCode != status {
			t.Errorf("%s: %s", path, got.Status)
		}
	}
}

// TestSettingsAndUnreadFilesAreTold on the pages of the campaign and of the repository,
// as text.
func TestSettingsAndUnreadFilesAreTold(t *testing.T) {
	b := newWorld(t).browser(readerToken)
	_, campaign := b.get("/campaigns/users")
	_, one := b.get("/campaigns/users/changesets/acme/shop")
	for _, part := range []string{"acme/.github/.drydock.yaml: safe: true", ".drydock.yaml: exclude: [&#34;&lt;b&gt;&#34;]"} {
		if !strings.Contains(campaign, part) || !strings.Contains(one, part) {
			t.Errorf("%q is not told", part)
		}
	}
	if !strings.Contains(campaign, "2 files not read") || strings.Contains(campaign, "0 files not read") {
		t.Error("the campaign does not tell of the files that could not be read")
	}
}

// TestWaitsAreTold: why pull requests that are due are not opened, once and not for each,
// unless the campaign is paused, which is said anyway.
func TestWaitsAreTold(t *testing.T) {
	w := newWorld(t)
	b := w.browser(readerToken)
	w.look("acme/broken", func(l *store.Look) {
		l.State, l.Reason, l.Error = store.Planned, "the limit of 50 <b>pull requests</b> an hour is reached", ""
	})
	const told = "1 pull request waits: the limit of 50 &lt;b&gt;pull requests&lt;/b&gt; an hour is reached"
	if _, page := b.get("/campaigns/users"); !strings.Contains(page, told) {
		t.Error("it is not told")
	}
	w.must(w.store.Pause(t.Context(), "ann", "users", ""))
	if _, page := b.get("/campaigns/users"); strings.Contains(page, told) {
		t.Error("it is told though it is paused")
	}
}

// TestRepositoriesAreText: nothing that a repository says becomes markup, or steers
// how the page is read.
func TestRepositoriesAreText(t *testing.T) {
	w := newWorld(t)
	b := w.browser(readerToken)
	for _, path := range []string{"/", "/campaigns/users", "/campaigns/users/changesets/acme/shop", under("users", "changesets", hostileName), "/failures", "/audit", "/budget"} {
		got, page := b.get(path)
		if got.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, got.Status)
		}
		for _, never := range []string{"<script>", "<img src=x", "<b>unknown", "<i>broken", "\u202e", "javascript:", "style=", "onclick", "<style"} {
			if strings.Contains(page, never) {
				t.Errorf("%s has %s", path, never)
			}
		}
	}
	_, page := b.get("/campaigns/users/changesets/acme/shop")
	for _, want := range []string{"‹U&#43;202E›", "&lt;img src=x", "Run as 1001", "the base image is &lt;b&gt;unknown", `href="https://github.com/acme/shop/pull/7"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestLists(t *testing.T) {
	w := newWorld(t)
	b := w.browser(readerToken)
	long := strings.Repeat("x", 1000)
	w.look("acme/broken", func(l *store.Look) { l.State, l.Error = store.Failed, long })
	if _, page := b.get("/campaigns/users"); strings.Contains(page, long) || !strings.Contains(page, long[:longestInList]+"…") {
		t.Error("a long text in a list")
	}
	if _, page := b.get("/campaigns/users/changesets/acme/broken"); !strings.Contains(page, long) {
		t.Error("a long text on its page")
	}
	_, page := b.get("/campaigns/users?state=failed")
	const row = "/changesets/"
	if strings.Contains(page, row+"acme/shop") || !strings.Contains(page, row+"acme/broken") {
		t.Error("the filter by state")
	}
	_, page = b.get("/campaigns/users?q=SHOP")
	if !strings.Contains(page, row+"acme/shop") || strings.Contains(page, row+"acme/broken") {
		t.Error("the search")
	}
	var names []string
	for i := range 120 {
		names = append(names, "acme/"+string(rune('a'+i%26))+strings.Repeat("x", i/26))
	}
	w.must(w.store.Enlist(t.Context(), "users", names))
	_, page = b.get("/campaigns/users?state=pending&from=50")
	if !strings.Contains(page, "51 to 100 of 120") || !strings.Contains(page, "from=100&amp;state=pending") || !strings.Contains(page, `href="/campaigns/users?state=pending" rel="prev"`) {
		t.Error("the pages of a list")
	}
}
