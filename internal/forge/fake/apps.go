package fake

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An App is a GitHub App that the stand-in knows.
type App struct {
	ID     int64
	Slug   string
	Public *rsa.PublicKey
	Owners []string // where it is installed; an installation's id is the place here, from 1
	// TokensLast is for how long an installation token does; 0 is an hour.
	TokensLast time.Duration
	Minted     int // tokens so far
}

// A caller is who sent a request.
type caller struct {
	login string // "" if nobody is known
	app   *App   // not nil for an App, or for an installation of it
	owner string // that an installation may see, "" for all
}

// A token of an installation.
type token struct {
	owner string
	until time.Time
}

// callerOf reads the credentials of a request; ok is false for wrong ones.
func (s *Server) callerOf(r *http.Request) (who caller, ok bool) {
	text := r.Header.Get("Authorization")
	secret, bearer := strings.CutPrefix(text, "Bearer ")
	switch {
	case text == "":
		return caller{}, true
	case !bearer:
		return caller{}, false
	case secret == s.Token:
		return caller{login: s.Login}, true
	case s.App != nil && strings.Count(secret, ".") == 2:
		return caller{login: s.App.Slug, app: s.App}, s.App.signed(secret, s.Now())
	}
	t, ok := s.tokens[secret]
	if !ok || !s.Now().Before(t.until) {
		return caller{}, false
	}
	return caller{login: s.App.Slug + "[bot]", app: s.App, owner: t.owner}, true
}

// knows reports whether a secret may write over git.
func (s *Server) knows(secret string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, minted := s.tokens[secret]
	return secret == s.Token || minted && s.Now().Before(t.until)
}

// signed reports whether a JSON web token is the App's and in time ("Generating a
// JSON Web Token for a GitHub App": at most ten minutes).
func (a *App) signed(jwt string, now time.Time) bool {
	payload, signature, _ := strings.Cut(jwt[strings.IndexByte(jwt, '.')+1:], ".")
	body := jwt[:len(jwt)-len(signature)-1]
	sum := sha256.Sum256([]byte(body))
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || rsa.VerifyPKCS1v15(a.Public, crypto.SHA256, sum[:], raw) != nil {
		return false
	}
	var claims struct {
		Iss      any
		Iat, Exp int64
	}
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return false
	}
	return fmt.Sprint(claims.Iss) == strconv.FormatInt(a.ID, 10) && claims.Iat <= now.Unix() &&
		claims.Exp > now.Unix() && claims.Exp-now.Unix() <= 600
}

// ExpireTokens ends all installation tokens, as if their hour were over.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

func (s *Server) installation(owner string) map[string]any {
	return map[string]any{
		"id": slices.Index(s.App.Owners, owner) + 1, "app_id": s.App.ID, "app_slug": s.App.Slug, "account": map[string]any{"login": owner},
		"repository_selection": "all",
	}
}

// asApp answers what an App asks about itself.
func (s *Server) asApp(w http.ResponseWriter, c *call, route string) (status int, said any, known bool) {
	if c.who.app == nil {
		return 0, nil, false
	}
	params := c.input.PathParams
	switch route {
	case "GET /app":
		return http.StatusOK, map[string]any{"id": s.App.ID, "slug": s.App.Slug, "name": s.App.Slug, "owner": map[string]any{"login": "maker"}}, true
	case "GET /app/installations":
		all := []any{}
		for _, owner := range s.App.Owners {
			all = append(all, s.installation(owner))
		}
		return http.StatusOK, s.page(w, c, all), true
	case "GET /app/hook/deliveries":
		return http.StatusOK, s.listAttempts(c), true
	case "POST /app/hook/deliveries/{delivery_id}/attempts":
		status, said = s.attemptAgain(number(params["delivery_id"], 0))
		return status, said, true
	case "GET /repos/{owner}/{repo}/installation", "GET /orgs/{org}/installation":
		owner := params["owner"] + params["org"]
		if !slices.Contains(s.App.Owners, owner) {
			return http.StatusNotFound, problem("Not Found"), true
		}
		return http.StatusOK, s.installation(owner), true
	case "POST /app/installations/{installation_id}/access_tokens":
		id := number(params["installation_id"], 0)
		if id < 1 || id > len(s.App.Owners) {
			return http.StatusNotFound, problem("Not Found"), true
		}
		return http.StatusCreated, s.mint(s.App.Owners[id-1]), true
	case "GET /installation/repositories":
		all := []any{}
		for _, name := range slices.Sorted(maps.Keys(s.repositories)) {
			if r := s.repositories[name]; strings.HasPrefix(name, c.who.owner+"/") && r.MovedTo == "" && !r.Gone {
				all = append(all, s.repository(r))
			}
		}
		return http.StatusOK, map[string]any{"total_count": len(all), "repositories": s.page(w, c, all)}, true
	}
	return 0, nil, false
}

func (s *Server) mint(owner string) map[string]any {
	last := s.App.TokensLast
	if last == 0 {
		last = time.Hour
	}
	s.App.Minted++
	// Tokens differ in their lengths: nobody is to match them by that.
	secret := fmt.Sprintf("ghs_%s%d", strings.Repeat("secret", s.App.Minted), s.App.Minted)
	until := s.Now().Add(last)
	s.tokens[secret] = token{owner, until}
	return map[string]any{"token": secret, "expires_at": until.UTC().Format(time.RFC3339)}
}
