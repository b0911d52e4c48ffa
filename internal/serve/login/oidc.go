package login

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
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

// OIDC logs people in at an issuer, by the code flow with PKCE. The issuer is asked
// where it does what until it has answered once.
type OIDC struct {
	o      OIDCOptions
	client *http.Client
	asking sync.Mutex // held while the issuer is asked
	heard  atomic.Pointer[heard]
}

// heard is what came of asking the issuer: it, or why not, and when.
type heard struct {
	issuer *issuer
	err    error
	at     time.Time
}

// An issuer is one that has answered.
type issuer struct {
	verifier *oidc.IDTokenVerifier
	config   oauth2.Config
}

// NewOIDC makes the login. It asks nobody: an issuer that is away does not keep a
// server from starting.
func NewOIDC(o OIDCOptions) (*OIDC, error) {
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("the issuer is no URL such as https://id.example")
	}
	return &OIDC{o: o, client: &http.Client{Timeout: issuerTimeout}}, nil
}

const (
	issuerTimeout = 15 * time.Second // that the issuer may take to answer
	// An issuer that failed to answer is asked again after a while, which doubles for
	// the server and not for who waits to log in.
	firstAgain = 2 * time.Second
	lastAgain  = time.Minute
)

// Watch asks the issuer until it has answered or the context ends. failed is told
// what came of each attempt that did not.
func (c *OIDC) Watch(ctx context.Context, failed func(error)) {
	for wait := firstAgain; ; wait = min(2*wait, lastAgain) {
		_, err := c.issuer(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		failed(err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Answers says why nobody can log in at the issuer, nil if they can. It asks nobody.
func (c *OIDC) Answers() error {
	if h := c.heard.Load(); h != nil {
		return h.err
	}
	return errNotAsked
}

var errNotAsked = errors.New("the issuer was not asked yet")

// issuer gives the issuer, which is asked if it has not answered before, and did not
// fail to just now. The error has no secret in it.
func (c *OIDC) issuer(ctx context.Context) (*issuer, error) {
	if h := c.heard.Load(); h != nil && h.issuer != nil {
		return h.issuer, nil
	}
	c.asking.Lock()
	defer c.asking.Unlock()
	if h := c.heard.Load(); h != nil && (h.issuer != nil || time.Since(h.at) < firstAgain/2) {
		return h.issuer, h.err
	}
	// The client of this context is kept for later, the context is not.
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, c.client), c.o.Issuer)
	if err != nil {
		err = fmt.Errorf("the issuer %s: %.300s", c.o.Issuer, err) // which may have a whole page in it
		if ctx.Err() == nil {
			c.heard.Store(&heard{err: err, at: time.Now()})
		}
		return nil, err
	}
	found := &issuer{
		verifier: provider.Verifier(&oidc.Config{ClientID: c.o.ClientID}),
		config: oauth2.Config{
			ClientID: c.o.ClientID, ClientSecret: c.o.ClientSecret, Endpoint: provider.Endpoint(),
			RedirectURL: c.o.Address.JoinPath("login", "oidc", "callback").String(), Scopes: append([]string{oidc.ScopeOpenID}, c.o.Scopes...),
		},
	}
	c.heard.Store(&heard{issuer: found, at: time.Now()})
	return found, nil
}

// Mark names the issuer and who may do what in sessions: where that is changed, those
// that it logged in log in again.
func (c *OIDC) Mark() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "oidc %q %q %q %q", c.o.Issuer, c.o.ClientID, c.o.Operators, c.o.Readers))
	return "oidc " + hex.EncodeToString(sum[:16])
}

// attemptLifetime is how long somebody may take to log in at the issuer.
const attemptLifetime = 10 * time.Minute

// An attempt is what a browser keeps while it is at the issuer.
type attempt struct {
	State, Nonce, Verifier, To string
	Until                      int64
}

// Begin sends a browser to the issuer. With an error, which Say tells the visitor,
// nothing was answered.
func (c *OIDC) Begin(w http.ResponseWriter, r *http.Request) error {
	at, err := c.issuer(r.Context())
	if err != nil {
		return fmt.Errorf("%w: %w", errAway, err)
	}
	a := attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: bounded(r.FormValue("to")), Until: c.o.Sessions.now().Add(attemptLifetime).Unix()}
	c.o.Sessions.set(w, "attempt", a, attemptLifetime)
	http.Redirect(w, r, at.config.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), http.StatusSeeOther)
	return nil
}

// Errors that tell a visitor what to do.
var (
	errStale    = errors.New("this login took too long, or began in another browser; try again")
	errRefused  = errors.New("the issuer did not log you in")
	errNoRole   = errors.New("your account may not use this dashboard")
	errAway     = errors.New("the issuer does not answer; try again in a minute")
	errNoAnswer = errors.New("the issuer did not answer as it should; the log says more")
)

// Say tells a visitor what went wrong, and no more than that.
func Say(err error) string {
	for _, known := range []error{errStale, errRefused, errNoRole, errAway} {
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
	at, err := c.issuer(r.Context())
	if err != nil {
		return User{}, "", fmt.Errorf("%w: %w", errAway, err)
	}
	token, err := at.config.Exchange(oidc.ClientContext(r.Context(), c.client), r.FormValue("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		var answer *oauth2.RetrieveError
		if errors.As(err, &answer) { // its text has the whole answer
			return User{}, "", fmt.Errorf("%w: %.200q", errRefused, answer.ErrorCode)
		}
		return User{}, "", fmt.Errorf("exchange the code: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	verified, err := at.verifier.Verify(r.Context(), raw)
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
