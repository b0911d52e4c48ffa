package fleet

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/forge/fake"
)

// visit is a day in the dashboard: logins that work and that do not, webhooks that
// hold and that do not, a campaign, and everything that can be read.
func (d *day) visit() {
	t := d.t
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	jar, err := cookiejar.New(nil)
	must(err)
	stops := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	browser := &http.Client{Jar: jar, CheckRedirect: stops}
	do := func(req *http.Request, err error) (*http.Response, string) {
		t.Helper()
		must(err)
		req.Header.Set("Accept", "text/html")
		got, err := browser.Do(req)
		must(err)
		defer got.Body.Close()
		text, err := io.ReadAll(got.Body)
		must(err)
		if leaks := d.leaks(text); len(leaks) > 0 {
			t.Errorf("%s shows %v", req.URL.Path, leaks)
		}
		return got, string(text)
	}
	get := func(path string) string {
		t.Helper()
		got, text := do(http.NewRequest(http.MethodGet, d.url+path, nil))
		if got.StatusCode >= 500 {
			t.Errorf("%s: %s\n%s", path, got.Status, text)
		}
		return text
	}
	post := func(path string, form url.Values) *http.Response {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, d.url+path, strings.NewReader(form.Encode()))
		must(err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		got, _ := do(req, nil)
		return got
	}
	post("/login", url.Values{"token": {d.secret("a token that is not known")}})
	get("/login?token=" + d.secret("a token in an address"))
	d.issuer.Claim(map[string]any{"email": "eve@example.com", "email_verified": true})
	d.throughIssuer(browser)
	d.issuer.Claim(map[string]any{"groups": []string{"platform"}})
	d.throughIssuer(browser)
	post("/login", url.Values{"token": {d.all["an operator's token"]}})
	home, _ := url.Parse(d.url)
	for _, cookie := range jar.Cookies(home) {
		_, mac, _ := strings.Cut(cookie.Value, ".")
		d.add("a session", mac)
	}
	bearer, err := http.NewRequest(http.MethodGet, d.url+"/metrics", nil)
	must(err)
	bearer.Header.Set("Authorization", "Bearer "+d.all["a reader's token"])
	do(bearer, nil)

	waitFor(t, "a plan", time.Minute, func() bool { return strings.Count(get("/campaigns/c"), `class="state planned"`) >= 2 })
	_, form, _ := strings.Cut(get("/campaigns/c/do/start"), `name="form" value="`)
	form, _, _ = strings.Cut(form, `"`)
	if got := post("/campaigns/c/do/start", url.Values{"form": {form}}); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("start: %s", got.Status)
	}
	waitFor(t, "pull requests", time.Minute, func() bool { return strings.Count(get("/campaigns/c"), `class="state open"`) >= 2 })
	waitFor(t, "a failure that a proxy tells of", time.Minute, func() bool { return strings.Contains(get("/failures"), "you sent") })

	d.forge.Break(fake.Fault{On: "POST /app/installations/1/access_tokens", Times: 1, Do: reflecting})
	d.forge.ExpireTokens() // so that the App is heard once more
	d.forge.PushTo("acme/shop", "main", map[string]string{"README.md": "new"})
	d.forge.PushTo("acme/web", "main", map[string]string{"README.md": "new"})
	for _, delivery := range d.forge.Deliveries() {
		d.forge.Send(delivery, d.url+"/webhooks/github", d.all["the secret of webhooks"])
		d.forge.Send(delivery, d.url+"/webhooks/github", "another-secret-0123456789")
	}
	time.Sleep(2 * time.Second) // they are followed
	for _, path := range []string{"/", "/campaigns/c", "/campaigns/c/changesets/acme/proxied", "/campaigns/c/changesets/acme/shop", "/campaigns/c/diff/acme/shop", "/failures", "/budget", "/audit", "/audit.jsonl", "/metrics", "/readyz", "/jobs/api/jobs?state=completed", "/jobs/api/jobs?state=discarded", "/none"} {
		get(path)
	}
	post("/failures/retry", url.Values{"form": {form}})
	post("/logout", url.Values{"form": {form}})
}

// throughIssuer logs in at the issuer, and keeps the code of it as a secret.
func (d *day) throughIssuer(browser *http.Client) {
	d.t.Helper()
	to := d.url + "/login/oidc"
	for range 3 {
		got, err := browser.Get(to)
		if err != nil {
			d.t.Fatal(err)
		}
		got.Body.Close()
		next, err := got.Location()
		if err != nil {
			break
		}
		if next.Host == "drydock.example" { // which this server is reached by
			d.add("a code of the issuer", next.Query().Get("code"))
			to = d.url + next.RequestURI()
			continue
		}
		to = next.String()
	}
}
