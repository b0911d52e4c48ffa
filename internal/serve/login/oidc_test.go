package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/serve/login/oidctest"
)

// visit goes to the issuer and back. change may tamper with the way back.
func visit(t *testing.T, i *oidctest.Issuer, c *OIDC, change func(query url.Values, r *http.Request)) (User, string, error) {
	t.Helper()
	w := httptest.NewRecorder()
	if err := c.Begin(w, httptest.NewRequest(http.MethodGet, "/login/oidc?to=/audit", nil)); err != nil {
		return User{}, "", err
	}
	to := w.Result().Header.Get("Location")
	if !strings.HasPrefix(to, i.URL+"/auth?") {
		t.Fatalf("it leads to %s", to)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := browser.Get(to)
	if err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
	home, err := got.Location()
	if err != nil || !strings.HasPrefix(home.String(), "https://drydock.example/login/oidc/callback?") {
		t.Fatalf("%v: %v", home, err)
	}
	query, back := home.Query(), carried(w)
	if change != nil {
		change(query, back)
	}
	back.URL.RawQuery = query.Encode()
	return c.End(httptest.NewRecorder(), back)
}

func at(t *testing.T, address string) *OIDC {
	t.Helper()
	home, _ := url.Parse("https://drydock.example")
	c, err := NewOIDC(OIDCOptions{
		Issuer: address, ClientID: oidctest.Client, ClientSecret: "clients-own-secret", Address: home, Sessions: NewSessions(nil, home),
		Scopes: []string{"email"}, Operators: []string{"ann@example.com", "group:platform"}, Readers: []string{"bob@example.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAnIssuerThatIsAway is asked again, and logs people in when it is back.
func TestAnIssuerThatIsAway(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	address := gone.Listener.Addr().String()
	c := at(t, gone.URL)
	if c.Answers() == nil {
		t.Error("it answers before it was asked")
	}
	for range 2 { // one asks, the other is told
		err := c.Begin(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/login/oidc", nil))
		if err == nil || c.Answers() == nil || Say(err) != errAway.Error() {
			t.Fatalf("%v", err)
		}
	}
	// An issuer that answers with something else is no issuer.
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("<html>", 1000)) }))
	defer odd.Close()
	err := at(t, odd.URL).Begin(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/login/oidc", nil))
	if err == nil || len(err.Error()) > 500 {
		t.Errorf("%v", err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	watched, tries := make(chan bool), make(chan error, 100)
	go func() { c.Watch(ctx, func(err error) { tries <- err }); close(watched) }()
	if err := <-tries; !strings.Contains(err.Error(), gone.URL) {
		t.Error(err)
	}
	i := oidctest.Start(t, address)
	<-watched
	if err := c.Answers(); err != nil {
		t.Fatal(err)
	}
	i.Claim(map[string]any{"groups": []string{"platform"}})
	if got, _, err := visit(t, i, c, nil); err != nil || got.Role != Operator {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnIssuerIsAnAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "id.example", "https://", "ftp://id.example", "https://ann:s3cret@id.example", ":"} {
		if _, err := NewOIDC(OIDCOptions{Issuer: address}); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestOIDC(t *testing.T) {
	t.Parallel()
	i := oidctest.Start(t, "")
	c := at(t, i.URL)
	for name, test := range map[string]struct {
		claims map[string]any
		want   User
	}{
		"an operator by e-mail":            {map[string]any{"email": "ann@example.com", "email_verified": true}, User{"ann@example.com", Operator}},
		"verified, told as a text":         {map[string]any{"email": "bob@example.com", "email_verified": "true"}, User{"bob@example.com", Reader}},
		"an operator by group":             {map[string]any{"groups": []string{"platform"}}, User{"1234", Operator}},
		"an e-mail that was not verified":  {map[string]any{"email": "ann@example.com"}, User{}},
		"a group's name as an e-mail":      {map[string]any{"email": "group:platform", "email_verified": false}, User{}},
		"another audience":                 {map[string]any{"aud": "other", "groups": []string{"platform"}}, User{}},
		"another issuer":                   {map[string]any{"iss": "https://evil.example", "groups": []string{"platform"}}, User{}},
		"another login's answer":           {map[string]any{"nonce": "x", "groups": []string{"platform"}}, User{}},
		"an answer that is out of date":    {map[string]any{"exp": time.Now().Add(-time.Hour).Unix(), "groups": []string{"platform"}}, User{}},
		"somebody whom nobody has allowed": {map[string]any{"email": "eve@example.com", "email_verified": true}, User{}},
	} {
		i.Claim(test.claims)
		got, to, err := visit(t, i, c, nil)
		if got != test.want || (err == nil) != (test.want != User{}) || err == nil && to != "/audit" {
			t.Errorf("%s: %+v, %q, %v", name, got, to, err)
		}
	}
	if i.Secret() != "clients-own-secret" {
		t.Error("the client's secret is not what proves it")
	}
	i.Claim(map[string]any{"groups": []string{"platform"}})
	for name, change := range map[string]func(url.Values, *http.Request){
		"another state":    func(q url.Values, _ *http.Request) { q.Set("state", "x") },
		"no state":         func(q url.Values, _ *http.Request) { q.Del("state") },
		"another code":     func(q url.Values, _ *http.Request) { q.Set("code", "x") },
		"another browser":  func(_ url.Values, r *http.Request) { r.Header.Del("Cookie") },
		"a refusal":        func(q url.Values, _ *http.Request) { q.Set("error", "access_denied") },
		"a forged attempt": func(_ url.Values, r *http.Request) { r.Header.Set("Cookie", r.Header.Get("Cookie")+"x") },
	} {
		got, _, err := visit(t, i, c, change)
		if err == nil || got != (User{}) {
			t.Errorf("%s: %+v", name, got)
		} else if said := err.Error() + Say(err); strings.Contains(said, "secret") || strings.Contains(said, "the-code") {
			t.Errorf("%s: %s", name, said)
		}
	}
	if Say(errors.New("inner")) != errNoAnswer.Error() {
		t.Error("what a visitor is told")
	}
}

// TestEverybody: a star lets in whomever the issuer knows.
func TestEverybody(t *testing.T) {
	t.Parallel()
	c := &OIDC{o: OIDCOptions{Operators: []string{"ann@example.com"}, Readers: []string{"*"}}}
	if got := c.roleOf(claims{}); got != Reader {
		t.Error(got)
	}
}
