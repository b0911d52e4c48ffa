package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// OIDCOptions say who logs people in, and what they may do then.
type OIDCOptions struct {
	Issuer       string // its address
	ClientID     string
	ClientSecret string
	Address      *url.URL // of this server
	Sessions     *Sessions
	Scopes       []string // besides openid
	// Operators and Readers are e-mail addresses that the issuer has verified, or
	// groups, as "group:NAME". Nobody else may do anything; "*" is everybody whom
	// the issuer knows.
	Operators, Readers []string
}

// OIDC logs people in at an issuer, by the code flow with PKCE.
type OIDC struct {
	o        OIDCOptions
	client   *http.Client
	verifier *oidc.IDTokenVerifier
	config   oauth2.Config
}

// NewOIDC asks the issuer where it does what. The error has no secret in it.
func NewOIDC(ctx context.Context, o OIDCOptions) (*OIDC, error) {
	// The client of ctx is kept for later, so it is not the context that ends.
	client := &http.Client{Timeout: issuerTimeout}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("the issuer %s: %w", o.Issuer, err)
	}
	return &OIDC{
		o: o, client: client, verifier: provider.Verifier(&oidc.Config{ClientID: o.ClientID}),
		config: oauth2.Config{
			ClientID: o.ClientID, ClientSecret: o.ClientSecret, Endpoint: provider.Endpoint(),
			RedirectURL: o.Address.JoinPath("login", "oidc", "callback").String(), Scopes: append([]string{oidc.ScopeOpenID}, o.Scopes...),
		},
	}, nil
}

// issuerTimeout is how long the issuer may take to answer.
const issuerTimeout = 15 * time.Second

// attemptLifetime is how long somebody may take to log in at the issuer.
const attemptLifetime = 10 * time.Minute

// An attempt is what a browser keeps while it is at the issuer.
type attempt struct {
	State, Nonce, Verifier, To string
	Until                      int64
}

// Begin sends a browser to the issuer.
func (c *OIDC) Begin(w http.ResponseWriter, r *http.Request) {
	a := attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: bounded(r.FormValue("to")), Until: c.o.Sessions.now().Add(attemptLifetime).Unix()}
	c.o.Sessions.set(w, "attempt", a, attemptLifetime)
	http.Redirect(w, r, c.config.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), http.StatusSeeOther)
}

// Errors that tell a visitor what to do.
var (
	errStale    = errors.New("this login took too long, or began in another browser; try again")
	errRefused  = errors.New("the issuer did not log you in")
	errNoRole   = errors.New("your account may not use this dashboard")
	errNoAnswer = errors.New("the issuer did not answer as it should; the log says more")
)

// Say tells a visitor what went wrong, and no more than that.
func Say(err error) string {
	for _, known := range []error{errStale, errRefused, errNoRole} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return errNoAnswer.Error()
}

type claims struct {
	Email    string   `json:"email"`
	Verified truth    `json:"email_verified"`
	Groups   []string `json:"groups"`
	Name     string   `json:"preferred_username"`
}

// truth is a claim that some issuers tell as a text.
type truth bool

func (t *truth) UnmarshalJSON(text []byte) error {
	*t = string(text) == "true" || string(text) == `"true"`
	return nil
}

// bounded is a path that a cookie can hold, or "".
func bounded(to string) string {
	if len(to) > 1000 {
		return ""
	}
	return to
}

// End takes the browser back, and tells who it is and where they wanted to go. What
// the error says of the issuer's answer is for the log.
func (c *OIDC) End(w http.ResponseWriter, r *http.Request) (u User, to string, err error) {
	var a attempt
	ok := c.o.Sessions.get(r, "attempt", &a)
	c.o.Sessions.clear(w, "attempt")
	if !ok || a.Until <= c.o.Sessions.now().Unix() || r.FormValue("state") != a.State {
		return User{}, "", errStale
	}
	if r.FormValue("error") != "" {
		return User{}, "", fmt.Errorf("%w: %.200q", errRefused, r.FormValue("error"))
	}
	token, err := c.config.Exchange(oidc.ClientContext(r.Context(), c.client), r.FormValue("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		var answer *oauth2.RetrieveError
		if errors.As(err, &answer) { // its text has the whole answer
			return User{}, "", fmt.Errorf("%w: %.200q", errRefused, answer.ErrorCode)
		}
		return User{}, "", fmt.Errorf("exchange the code: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	verified, err := c.verifier.Verify(r.Context(), raw)
	if err != nil {
		return User{}, "", errors.New("the ID token does not hold")
	}
	if verified.Nonce != a.Nonce {
		return User{}, "", errStale
	}
	var said claims
	if err := verified.Claims(&said); err != nil {
		return User{}, "", errors.New("the claims of the ID token cannot be read")
	}
	u = User{Name: verified.Subject, Role: c.roleOf(said)}
	if bool(said.Verified) && said.Email != "" {
		u.Name = said.Email
	}
	if u.Role == Nobody {
		return User{}, "", fmt.Errorf("%w: %.200q", errNoRole, u.Name)
	}
	return u, a.To, nil
}

// roleOf gives the highest role that the claims have.
func (c *OIDC) roleOf(said claims) Role {
	has := []string{"*"}
	if bool(said.Verified) && said.Email != "" {
		has = append(has, said.Email)
	}
	for _, group := range said.Groups {
		has = append(has, "group:"+group)
	}
	in := func(list []string) bool {
		return slices.ContainsFunc(has, func(one string) bool { return slices.Contains(list, one) })
	}
	switch {
	case in(c.o.Operators):
		return Operator
	case in(c.o.Readers):
		return Reader
	}
	return Nobody
}
