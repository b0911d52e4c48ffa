package github

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	api "github.com/google/go-github/v60/github"

	"github.com/drydock-dev/drydock/internal/forge"
)

// An App is a GitHub App. It acts as its installation at the owner of each
// repository.
type App struct {
	ID  string // the App's ID or its client ID
	Key []byte // the private key, as GitHub gives it out: PEM
	// Unsigned says that the server has no key to sign the commits of Apps with, so
	// that commits which are not verified will do.
	Unsigned bool
}

// GitHub takes a JSON web token for at most ten minutes, and an installation's token
// for an hour ("Generating a JSON Web Token for a GitHub App", "Generating an
// installation access token").
const (
	jwtLasts  = 9 * time.Minute
	clockSkew = time.Minute
	mintAgain = 50 * time.Minute
	lastUse   = 5 * time.Minute // before a token that ends earlier does
)

// installations are those of an App, with their tokens.
type installations struct {
	id     string
	key    *rsa.PrivateKey
	clock  clock
	client *api.Client // that asks as the App itself

	mu     sync.Mutex
	slug   string
	ids    map[string]int64 // by owner, in lower case
	tokens map[string]minted
}

type minted struct {
	token string
	until time.Time // when to mint another
}

func newInstallations(a App, c clock) (*installations, error) {
	block, _ := pem.Decode(a.Key)
	if block == nil {
		return nil, errors.New("the App's key is no PEM")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		parsed, other := x509.ParsePKCS8PrivateKey(block.Bytes)
		asRSA, ok := parsed.(*rsa.PrivateKey)
		if other != nil || !ok {
			return nil, errors.New("the App's key is no private RSA key")
		}
		key = asRSA
	}
	if a.ID == "" {
		return nil, errors.New("the App has no ID")
	}
	return &installations{id: a.ID, key: key, clock: c, tokens: map[string]minted{}}, nil
}

// jwt makes the token by which the App speaks for itself.
func (i *installations) jwt() (string, error) {
	now := i.clock.now()
	claims, err := json.Marshal(map[string]any{"iss": i.id, "iat": now.Add(-clockSkew).Unix(), "exp": now.Add(jwtLasts).Unix()})
	if err != nil {
		return "", err
	}
	body := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(body))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", errors.New("the App's key cannot sign")
	}
	return body + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// token gives the token of the installation at an owner, minted again in time.
func (i *installations) token(ctx context.Context, owner string) (string, error) {
	owner = strings.ToLower(owner)
	i.mu.Lock()
	defer i.mu.Unlock()
	if known, ok := i.tokens[owner]; ok && i.clock.now().Before(known.until) {
		return known.token, nil
	}
	id, err := i.at(ctx, owner)
	if err != nil {
		return "", err
	}
	made, _, err := i.client.Apps.CreateInstallationToken(ctx, id, &api.InstallationTokenOptions{})
	if err != nil {
		delete(i.ids, owner) // it may have been installed anew
		return "", failed("mint a token for "+owner, err)
	}
	until := i.clock.now().Add(mintAgain)
	if ends := made.GetExpiresAt().Add(-lastUse); ends.Before(until) {
		until = ends
	}
	i.tokens[owner] = minted{made.GetToken(), until}
	return made.GetToken(), nil
}

// refused forgets a token that did not do.
func (i *installations) refused(owner, token string) {
	owner = strings.ToLower(owner)
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.tokens[owner].token == token {
		delete(i.tokens, owner)
	}
}

// at finds the installation at an owner. The lock is held.
func (i *installations) at(ctx context.Context, owner string) (int64, error) {
	if id, ok := i.ids[owner]; ok {
		return id, nil
	}
	if err := i.find(ctx); err != nil {
		return 0, err
	}
	id, ok := i.ids[owner]
	if !ok {
		return 0, fmt.Errorf("the App is not installed at %q: %w", owner, forge.ErrNotFound)
	}
	return id, nil
}

// find lists where the App is installed. The lock is held.
func (i *installations) find(ctx context.Context) error {
	i.ids = map[string]int64{}
	for next := 1; next > 0; {
		all, res, err := i.client.Apps.ListInstallations(ctx, &api.ListOptions{Page: next, PerPage: page})
		if err != nil {
			return failed("list where the App is installed", err)
		}
		for _, one := range all {
			i.ids[strings.ToLower(one.GetAccount().GetLogin())] = one.GetID()
		}
		next = res.NextPage
	}
	return nil
}

// owners lists where the App is installed now.
func (i *installations) owners(ctx context.Context) ([]string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := i.find(ctx); err != nil {
		return nil, err
	}
	var all []string
	for owner := range i.ids {
		all = append(all, owner)
	}
	return all, nil
}

// bot is the name of the App's account, by which its commits are known.
func (i *installations) bot(ctx context.Context) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.slug == "" {
		app, _, err := i.client.Apps.Get(ctx, "")
		if err != nil {
			return "", failed("look up the App", err)
		}
		i.slug = app.GetSlug()
	}
	return i.slug + "[bot]", nil
}
