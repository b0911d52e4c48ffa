// Package oidctest is an OIDC issuer for tests: a real HTTP server that signs real
// tokens, and logs in whoever its claims name without asking.
package oidctest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// An Issuer is one that runs.
type Issuer struct {
	*httptest.Server
	t   testing.TB
	key *rsa.PrivateKey

	mu     sync.Mutex
	claims map[string]any // over those that hold
	logins map[string]login
	secret string // that it was given
}

// A login is one that has a code.
type login struct{ challenge, nonce string }

// Client is the ID of the client that it knows.
const Client = "drydock"

// Start starts an issuer at an address that was free, "" for any, until the test
// ends.
func Start(t testing.TB, address string) *Issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &Issuer{t: t, key: key, logins: map[string]login{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		say(w, map[string]any{
			"issuer": i.URL, "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		say(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /auth", i.auth)
	mux.HandleFunc("POST /token", i.token)
	i.Server = httptest.NewUnstartedServer(mux)
	if address != "" {
		i.Listener.Close()
		if i.Listener, err = net.Listen("tcp", address); err != nil {
			t.Fatal(err)
		}
	}
	i.Server.Start()
	t.Cleanup(i.Close)
	return i
}

// Claim sets what the next tokens say, over what holds.
func (i *Issuer) Claim(claims map[string]any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.claims = claims
}

// Secret is what the client has proved itself by.
func (i *Issuer) Secret() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.secret
}

// auth sends a browser back with a code.
func (i *Issuer) auth(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != Client || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "odd", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	i.mu.Lock()
	i.logins[code] = login{q.Get("code_challenge"), q.Get("nonce")}
	i.mu.Unlock()
	back.RawQuery = url.Values{"state": {q.Get("state")}, "code": {code}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token gives a token for a code, once.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	code := r.PostFormValue("code")
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	i.mu.Lock()
	defer i.mu.Unlock()
	known, ok := i.logins[code]
	delete(i.logins, code)
	if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != known.challenge {
		w.WriteHeader(http.StatusBadRequest)
		say(w, map[string]any{"error": "invalid_grant", "error_description": "secret-of-the-answer"})
		return
	}
	_, i.secret, _ = r.BasicAuth()
	say(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": i.sign(known.nonce)})
}

func (i *Issuer) sign(nonce string) string {
	claims := map[string]any{"iss": i.URL, "aud": Client, "sub": "1234", "nonce": nonce, "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix()}
	for k, v := range i.claims {
		claims[k] = v
	}
	text, err := json.Marshal(claims)
	if err != nil {
		i.t.Error(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: i.key, KeyID: "1"}}, nil)
	if err != nil {
		i.t.Error(err)
		return ""
	}
	signed, err := signer.Sign(text)
	if err != nil {
		i.t.Error(err)
		return ""
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		i.t.Error(err)
	}
	return compact
}

func say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client has left
}
