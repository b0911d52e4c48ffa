package login

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// An issuer logs in whoever its claims name, without asking.
type issuer struct {
	*httptest.Server
	t      *testing.T
	key    *rsa.PrivateKey
	claims map[string]any    // over those that hold
	codes  map[string]string // challenges by code
	nonce  string
	secret string // that it was given
}

func newIssuer(t *testing.T) *issuer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key, codes: map[string]string{}}
	say := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		say(w, map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, r *http.Request) {
		say(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		challenge, ok := i.codes[r.PostFormValue("code")]
		delete(i.codes, r.PostFormValue("code"))
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != challenge {
			w.WriteHeader(http.StatusBadRequest)
			say(w, map[string]any{"error": "invalid_grant", "error_description": "secret-of-the-answer"})
			return
		}
		_, i.secret, _ = r.BasicAuth()
		say(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": i.token()})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) token() string {
	claims := map[string]any{"iss": i.URL, "aud": "drydock", "sub": "1234", "nonce": i.nonce, "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix()}
	for k, v := range i.claims {
		claims[k] = v
	}
	text, _ := json.Marshal(claims)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: i.key, KeyID: "1"}}, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		i.t.Fatal(err)
	}
	token, _ := signed.CompactSerialize()
	return token
}

// visit goes to the issuer and back. change may tamper with the way back.
func (i *issuer) visit(c *OIDC, change func(query url.Values, r *http.Request)) (User, string, error) {
	i.t.Helper()
	w := httptest.NewRecorder()
	c.Begin(w, httptest.NewRequest(http.MethodGet, "/login/oidc?to=/audit", nil))
	to, err := url.Parse(w.Result().Header.Get("Location"))
	if err != nil || !strings.HasPrefix(to.String(), i.URL+"/auth") || to.Query().Get("code_challenge_method") != "S256" || to.Query().Get("redirect_uri") != "https://drydock.example/login/oidc/callback" {
		i.t.Fatalf("%v: %v", to, err)
	}
	i.nonce = to.Query().Get("nonce")
	i.codes["the-code"] = to.Query().Get("code_challenge")
	query := url.Values{"state": {to.Query().Get("state")}, "code": {"the-code"}}
	back := carried(w)
	if change != nil {
		change(query, back)
	}
	back.URL.RawQuery = query.Encode()
	return c.End(httptest.NewRecorder(), back)
}

func TestOIDC(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	address, _ := url.Parse("https://drydock.example")
	c, err := NewOIDC(t.Context(), OIDCOptions{
		Issuer: i.URL, ClientID: "drydock", ClientSecret: "clients-own-secret", Address: address, Sessions: NewSessions(nil, true),
		Scopes: []string{"email"}, Operators: []string{"ann@example.com", "group:platform"}, Readers: []string{"bob@example.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
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
		i.claims = test.claims
		got, to, err := i.visit(c, nil)
		if got != test.want || (err == nil) != (test.want != User{}) || err == nil && to != "/audit" {
			t.Errorf("%s: %+v, %q, %v", name, got, to, err)
		}
	}
	if i.secret != "clients-own-secret" {
		t.Error("the client's secret is not what proves it")
	}
	i.claims = map[string]any{"groups": []string{"platform"}}
	for name, change := range map[string]func(url.Values, *http.Request){
		"another state":    func(q url.Values, _ *http.Request) { q.Set("state", "x") },
		"no state":         func(q url.Values, _ *http.Request) { q.Del("state") },
		"another code":     func(q url.Values, _ *http.Request) { q.Set("code", "x") },
		"another browser":  func(_ url.Values, r *http.Request) { r.Header.Del("Cookie") },
		"a refusal":        func(q url.Values, _ *http.Request) { q.Set("error", "access_denied") },
		"a forged attempt": func(_ url.Values, r *http.Request) { r.Header.Set("Cookie", r.Header.Get("Cookie")+"x") },
	} {
		got, _, err := i.visit(c, change)
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
