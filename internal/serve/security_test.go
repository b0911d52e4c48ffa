package serve

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/serve/login"
)

// visits gives a request for a route: its method, if it has one, and a path.
func visits(pattern string) (method, path string) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		method, path = http.MethodPost, pattern
	}
	return method, strings.NewReplacer("{campaign}", "users", "{repository...}", "acme/shop", "{action}", "pause", "{name}", "drydock.css", "{$}", "").Replace(path)
}

func TestEveryRouteKnowsItsVisitor(t *testing.T) {
	w := newWorld(t)
	open := map[string]int{
		"GET /healthz": 200, "GET /readyz": 200, "GET /assets/{name}": 200, "GET /login": 200, "POST /login": 401, "POST /webhooks/github": 401,
		"POST /webhooks/gitea": 401, "GET /login/oidc": 503, "GET /login/oidc/callback": 401,
	}
	nobody, reader, operator := w.browser(""), w.browser(readerToken), w.browser(operatorToken)
	form := reader.form()
	for _, r := range w.server.routes() {
		method, path := visits(r.pattern)
		got, page := nobody.do(nobody.request(method, path, url.Values{"form": {"x"}}))
		want, isOpen := open[r.pattern]
		switch {
		case isOpen && got.StatusCode != want:
			t.Errorf("%s: %s for everybody", r.pattern, got.Status)
		case !isOpen && method == http.MethodGet && (got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/login")):
			t.Errorf("%s: %s for a stranger", r.pattern, got.Status)
		case !isOpen && method == http.MethodPost && got.StatusCode != http.StatusUnauthorized:
			t.Errorf("%s: %s for a stranger", r.pattern, got.Status)
		case !isOpen && strings.Contains(page, "numeric"):
			t.Errorf("%s tells a stranger of a campaign", r.pattern)
		}
		if csp := got.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", r.pattern, csp)
		}
		if r.needs == login.Operator {
			if got, _ := reader.do(reader.request(method, path, form)); got.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s for a reader", r.pattern, got.Status)
			}
		}
		if method == http.MethodPost && !r.formless {
			if got, _ := operator.post(path, url.Values{"form": form["form"]}); got.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s with the form of somebody else", r.pattern, got.Status)
			}
		}
		if method == http.MethodGet && !isOpen {
			if got, _ := operator.get(path); got.StatusCode != http.StatusOK {
				t.Errorf("%s: %s for an operator", r.pattern, got.Status)
			}
		}
	}
	if got, _ := nobody.get("/nothing/here"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("a path that is no route: %s", got.Status)
	}
	if got, _ := operator.get("/nothing/here"); got.StatusCode != http.StatusNotFound {
		t.Errorf("a path that is no route: %s", got.Status)
	}
	if p, _ := w.store.Paused(t.Context(), "users"); p != nil {
		t.Errorf("it was paused: %+v", p)
	}
}

// TestRiversPagesHaveNonces: one for each answer, and only there.
func TestRiversPagesHaveNonces(t *testing.T) {
	w := newWorld(t)
	b := w.browser(readerToken)
	seen := map[string]bool{}
	for range 2 {
		got, page := b.get(JobsPath + "/page")
		_, rest, _ := strings.Cut(got.Header.Get("Content-Security-Policy"), "'nonce-")
		nonce, _, _ := strings.Cut(rest, "'")
		if len(nonce) < 20 || seen[nonce] || page != `<head><style id="_goober" nonce="`+nonce+`"> </style></head>jobs` {
			t.Errorf("%q: %s", nonce, page)
		}
		seen[nonce] = true
	}
	if _, page := b.get(JobsPath + "/api"); page != "jobs" {
		t.Errorf("what is no HTML: %s", page)
	}
	if got, _ := b.get("/audit"); strings.Contains(got.Header.Get("Content-Security-Policy"), "nonce") {
		t.Error("a page of ours has a nonce")
	}
}

// TestNoMethodIsForgotten: a stranger gets no further by another method, or by
// another way to write a path.
func TestNoMethodIsForgotten(t *testing.T) {
	w := newWorld(t)
	nobody := w.browser("")
	paths := map[string]bool{}
	for _, r := range w.server.routes() {
		_, path := visits(r.pattern)
		paths[path] = r.open
	}
	for _, path := range []string{
		"//", "/./", "/login/..", "/assets/", "/assets/..", "/assets/%2e%2e/routes.go", "/assets/..%2froutes.go", "/assets/%2fetc%2fpasswd", "/assets/drydock.css/", "//audit", "/audit/", "/./audit",
		"/AUDIT", "/audit%00", "/healthz/../audit", "/login/../audit", "/healthz%2f..%2faudit", "/jobs", "//jobs/", "/jobs/api/jobs", "/jobs/../audit.jsonl", "/%61udit", "/metrics?x", "/campaigns/users/", "/debug/pprof/", "/.git/config",
	} {
		paths[path] = false
	}
	for path, open := range paths {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
			got, page := nobody.do(nobody.request(method, path, url.Values{"form": {"x"}}))
			isRead := method == http.MethodGet || method == http.MethodHead
			if got.StatusCode < 300 && !(open && isRead) || strings.Contains(page, "acme/broken") {
				t.Errorf("%s %s: %s for a stranger\n%s", method, path, got.Status, page)
			}
		}
	}
	if p, _ := w.store.Paused(t.Context(), "users"); p != nil {
		t.Errorf("it was paused: %+v", p)
	}
}

func TestOtherSitesWriteNothing(t *testing.T) {
	w := newWorld(t)
	b := w.browser(operatorToken)
	form := b.form()
	for _, header := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}}, {"Origin": {"null"}},
	} {
		r := b.request(http.MethodPost, "/campaigns/users/do/pause", form)
		for k, v := range header {
			r.Header[k] = v
		}
		if got, _ := b.do(r); got.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %s", header, got.Status)
		}
		r = b.request(http.MethodPost, JobsPath+"/api/jobs/cancel", nil)
		for k, v := range header {
			r.Header[k] = v
		}
		if got, _ := b.do(r); got.StatusCode != http.StatusForbidden {
			t.Errorf("jobs, %v: %s", header, got.Status)
		}
	}
	if p, _ := w.store.Paused(t.Context(), "users"); p != nil {
		t.Errorf("%+v", p)
	}
	r := b.request(http.MethodPost, "/campaigns/users/do/pause", form)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if got, _ := b.do(r); got.StatusCode != http.StatusSeeOther {
		t.Errorf("its own site: %s", got.Status)
	}
}

// TestTokensStayOut: of the log, of errors, of rows and of pages.
func TestTokensStayOut(t *testing.T) {
	w := newWorld(t)
	w.browser(operatorToken).form()
	wrong := "a-wrong-token-0123456789-x"
	b := w.browser("")
	_, page := b.post("/login", url.Values{"token": {wrong}, "to": {"/audit"}})
	if strings.Contains(page, wrong) || !strings.Contains(page, `value="/audit"`) {
		t.Error("the page of a login that failed")
	}
	r := b.request(http.MethodGet, "/metrics", nil)
	r.Header.Set("Authorization", "Bearer "+readerToken)
	got, text := b.do(r)
	if got.StatusCode != http.StatusOK || !strings.Contains(text, `drydock_changesets{campaign="users",state="failed"} 1`) {
		t.Errorf("metrics by token: %s\n%s", got.Status, text)
	}
	r = b.request(http.MethodPost, "/campaigns/users/do/pause", nil)
	r.Header.Set("Authorization", "Bearer "+operatorToken)
	if got, _ := b.do(r); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("a write by a header: %s", got.Status)
	}
	var rows bytes.Buffer
	w.must(w.store.ExportAudit(t.Context(), &rows, ""))
	for _, token := range []string{operatorToken, readerToken, wrong} {
		if strings.Contains(w.log.String()+rows.String()+text, token) {
			t.Errorf("%s is out", token)
		}
	}
	if _, err := login.ParseTokens("ann:boss:" + operatorToken); err == nil || strings.Contains(err.Error(), operatorToken) {
		t.Errorf("%v", err)
	}
}

// TestSessionsEndWithTheirToken: who is no longer listed is nobody, whatever cookie
// they have.
func TestSessionsEndWithTheirToken(t *testing.T) {
	w := newWorld(t)
	b := w.browser(operatorToken)
	form := b.form()
	var err error
	w.server.Tokens, err = login.ParseTokens("ann:reader:" + operatorToken)
	w.must(err)
	if got, _ := b.post("/campaigns/users/do/pause", form); got.StatusCode != http.StatusForbidden {
		t.Errorf("a role that was taken away: %s", got.Status)
	}
	w.server.Tokens, err = login.ParseTokens("ann:operator:another-token-0123456789")
	w.must(err)
	if got, page := b.post("/campaigns/users/do/pause", form); got.StatusCode != http.StatusUnauthorized || !strings.Contains(page, "this was not done") || !strings.Contains(page, `id="token"`) {
		t.Errorf("a form of a session that has ended: %s\n%s", got.Status, page)
	}
	if got, _ := b.get("/"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("a token that was taken away: %s", got.Status)
	}
}

// TestARouteIsClosedUnlessItSaysSo: whoever adds one and says no more lets no stranger
// in, and nobody write without a form.
func TestARouteIsClosedUnlessItSaysSo(t *testing.T) {
	w := newWorld(t)
	did := 0
	site := httptest.NewServer(w.server.guarded([]route{{pattern: "/new", do: func(http.ResponseWriter, *http.Request) { did++ }}}))
	defer site.Close()
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"} {
		r, err := http.NewRequest(method, site.URL+"/new", nil)
		w.must(err)
		got, err := http.DefaultTransport.RoundTrip(r)
		w.must(err)
		got.Body.Close()
		if got.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %s", method, got.Status)
		}
		r.Header.Set("Authorization", "Bearer "+operatorToken)
		got, err = http.DefaultTransport.RoundTrip(r)
		w.must(err)
		got.Body.Close()
		if isRead := method == "GET" || method == "HEAD"; (got.StatusCode == http.StatusOK) != isRead {
			t.Errorf("%s with a token: %s", method, got.Status)
		}
	}
	if did != 2 {
		t.Errorf("it was done %d times", did)
	}
}

// TestSessionsEndWithTheIssuersSettings: whoever was an operator is asked again where
// others are to be.
func TestSessionsEndWithTheIssuersSettings(t *testing.T) {
	w := newWorld(t)
	other, err := login.NewOIDC(login.OIDCOptions{Issuer: "http://127.0.0.1:1", ClientID: "drydock", Operators: []string{"eve@example.com"}})
	w.must(err)
	for mark, want := range map[string]int{w.server.OIDC.Mark(): http.StatusOK, other.Mark(): http.StatusSeeOther, "": http.StatusSeeOther} {
		begun := httptest.NewRecorder()
		w.server.Sessions.Begin(begun, login.User{Name: "eve@example.com", Role: login.Operator}, mark)
		b := w.browser("")
		r := b.request(http.MethodGet, "/audit", nil)
		r.AddCookie(begun.Result().Cookies()[0])
		if got, _ := b.do(r); got.StatusCode != want {
			t.Errorf("%q: %s", mark, got.Status)
		}
	}
}

// TestALogoutEndsTheSession: also of whoever has copied the cookie, on every machine.
func TestALogoutEndsTheSession(t *testing.T) {
	w := newWorld(t)
	b, other := w.browser(operatorToken), w.browser(operatorToken)
	form := b.form()
	home, err := url.Parse(w.http.URL)
	w.must(err)
	cookies := b.client.Jar.Cookies(home)
	if got, _ := b.post("/logout", form); got.StatusCode != http.StatusSeeOther {
		t.Errorf("logout: %s", got.Status)
	}
	b.client.Jar.SetCookies(home, cookies)
	if got, _ := b.get("/audit"); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/login") {
		t.Errorf("a copy of the cookie: %s", got.Status)
	}
	if got, _ := b.get("/login"); got.StatusCode != http.StatusOK {
		t.Errorf("the login, with that copy: %s", got.Status)
	}
	if got, _ := b.post("/campaigns/users/do/pause", form); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("a write with that copy: %s", got.Status)
	}
	if got, _ := other.get("/audit"); got.StatusCode != http.StatusOK {
		t.Errorf("another session of the same token: %s", got.Status)
	}
}

// TestBehindTLS: a browser is told never to leave it, and the proxy's own Host is
// no stranger.
func TestBehindTLS(t *testing.T) {
	w := newWorld(t)
	o := w.server.Options
	o.Address = &url.URL{Scheme: "https", Host: "drydock.example"}
	o.Sessions = login.NewSessions(nil, &url.URL{Scheme: "https"})
	server, err := New(o)
	w.must(err)
	r := httptest.NewRequest(http.MethodPost, "http://inner:8080/login", strings.NewReader(url.Values{"token": {operatorToken}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://drydock.example")
	got := httptest.NewRecorder()
	server.ServeHTTP(got, r)
	cookie := got.Result().Header.Get("Set-Cookie")
	if got.Code != http.StatusSeeOther || !strings.HasPrefix(cookie, "__Host-drydock-session=") || !strings.Contains(cookie, "; Secure") || got.Header().Get("Strict-Transport-Security") == "" {
		t.Errorf("%d %v", got.Code, got.Header())
	}
}

func TestRedirectsStayHere(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{"/audit?campaign=x": "/audit?campaign=x", "//evil.example": "/", "/\\evil.example": "/", "https://evil.example": "/", "": "/", "/login": "/", "/\t/evil.example": "/"} {
		if got := within(to); got != want {
			t.Errorf("%q: %q", to, got)
		}
	}
}
