package github

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// asApp connects as an App that is installed at acme and else.
func asApp(t *testing.T, server *fake.Server) (*Forge, *stoppedClock) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	server.App = &fake.App{ID: 42, Slug: "drydock", Public: &key.PublicKey, Owners: []string{"acme", "else"}}
	c := &stoppedClock{at: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	server.Now = func() time.Time { return c.at }
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	f, err := newForge(Options{API: server.URL, App: &App{ID: "42", Key: text}}, c.clock())
	if err != nil {
		t.Fatal(err)
	}
	return f, c
}

func TestAnAppActsAsItsInstallation(t *testing.T) {
	server := fake.New(t)
	for _, name := range []string{"acme/shop", "else/api", "third/x"} {
		server.Add(name, files)
	}
	f, _ := asApp(t, server)
	if r := repository(t, f, "acme/shop"); !r.MayPush {
		t.Errorf("%+v", r)
	}
	repository(t, f, "else/api")
	repository(t, f, "ACME/shop")
	if server.App.Minted != 2 {
		t.Errorf("%d tokens for two owners", server.App.Minted)
	}
	if _, err := f.Repository(t.Context(), "third/x"); !errors.Is(err, forge.ErrNotFound) {
		t.Errorf("where it is not installed: %v", err)
	}
	if got := named(t, f, forge.Owner{}); !slices.Equal(got, []string{"acme/shop", "else/api"}) {
		t.Error(got)
	}
	if got := named(t, f, forge.Owner{Name: "else"}); !slices.Equal(got, []string{"else/api"}) {
		t.Error(got)
	}
}

func TestATokenIsMintedAgainInTime(t *testing.T) {
	server := fake.New(t)
	server.Add("acme/shop", files)
	f, clock := asApp(t, server)
	repository(t, f, "acme/shop")
	for _, step := range []struct {
		later  time.Duration
		minted int
	}{{49 * time.Minute, 1}, {2 * time.Minute, 2}, {49 * time.Minute, 2}, {5 * time.Hour, 3}} {
		clock.at = clock.at.Add(step.later)
		repository(t, f, "acme/shop")
		if server.App.Minted != step.minted {
			t.Errorf("%v later: %d tokens, not %d", step.later, server.App.Minted, step.minted)
		}
	}
	server.App.TokensLast = 10 * time.Minute // as a server may have it
	clock.at = clock.at.Add(time.Hour)
	repository(t, f, "acme/shop")
	clock.at = clock.at.Add(6 * time.Minute)
	repository(t, f, "acme/shop")
	if server.App.Minted != 5 {
		t.Errorf("%d tokens", server.App.Minted)
	}
}

// TestATokenThatEndsMidRun is replaced, for reads, writes and pushes; one that is
// wrong is not asked for for ever.
func TestATokenThatEndsMidRun(t *testing.T) {
	server := fake.New(t)
	repo := server.Add("acme/shop", files)
	f, _ := asApp(t, server)
	r := repository(t, f, "acme/shop")
	server.ExpireTokens()
	if _, err := f.Open(t.Context(), r, forge.Head{Owner: "acme", Branch: "b"}, forge.Proposal{Title: "T", Base: "main"}); err != nil {
		t.Errorf("a write: %v", err)
	}
	server.ExpireTokens()
	if _, _, err := f.Read(t.Context(), r, "main"); err != nil {
		t.Errorf("a read: %v", err)
	}
	if len(repo.Pulls) != 1 || server.App.Minted != 3 {
		t.Errorf("%d pull requests, %d tokens", len(repo.Pulls), server.App.Minted)
	}
	n := len(server.Log())
	server.Break(fake.Fault{On: "GET /repos/acme/shop", Times: 9, Do: fake.Answer(401, "Bad credentials")})
	if _, err := f.Repository(t.Context(), "acme/shop"); err == nil || !strings.Contains(err.Error(), "Bad credentials") {
		t.Error(err)
	}
	if got := server.Log()[n:]; len(got) != 3 { // one, a new token, one more
		t.Errorf("%v", got)
	}
}

// TestATokenThatIsReplaced, in its file or by whoever gives it, is read again when the old one is refused.
func TestATokenThatIsReplaced(t *testing.T) {
	server := fake.New(t)
	server.Add("acme/shop", files)
	given := []string{"old", server.Token}
	f, err := newForge(Options{API: server.URL, Token: func(context.Context) (string, error) {
		next := given[0]
		given = given[1:]
		return next, nil
	}}, (&stoppedClock{}).clock())
	if err != nil {
		t.Fatal(err)
	}
	given = append(given, server.Token)
	if r := repository(t, f, "acme/shop"); !r.MayPush {
		t.Errorf("%+v", r)
	}
}

func TestCommitsOfAnAppAreVerified(t *testing.T) {
	for _, signs := range []bool{true, false} {
		server := fake.New(t)
		server.SignsNothing = !signs
		repo := server.Add("acme/shop", map[string]string{"Dockerfile": "FROM a\n", "run.sh*": "a"})
		f, _ := asApp(t, server)
		head, err := advance(t, f, "acme/shop", "")
		if !signs {
			if err == nil || !strings.Contains(err.Error(), "did not sign it: unsigned") {
				t.Error(err)
			}
			if got := gittest.Run(t, repo.Dir, "branch", "--list", "drydock/all"); got != "" {
				t.Error("the branch is there")
			}
			f.unverified = true
			if _, err := advance(t, f, "acme/shop", ""); err != nil {
				t.Errorf("where that is no matter: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got := gittest.Run(t, repo.Dir, "log", "-1", "--format=%an, %cn <%ce>", string(head))
		if got != "drydock[bot], GitHub <noreply@github.com>" {
			t.Error(got)
		}
		if bot, err := f.Bot(t.Context(), forge.Repository{}); bot != "drydock[bot]" || err != nil {
			t.Error(bot, err)
		}
	}
}

// advance makes a commit of two files by the API.
func advance(t *testing.T, f *Forge, name string, from git.Hash) (git.Hash, error) {
	t.Helper()
	r := repository(t, f, name)
	c, at, err := f.Read(t.Context(), r, "main")
	if err != nil {
		t.Fatal(err)
	}
	settled, err := c.Settle(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	d := git.Draft{
		Parent: settled.Hash, Message: "m\n", When: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC),
		Author: git.Identity{Name: "drydock", Email: "d@x"}, Committer: git.Identity{Name: "drydock", Email: "d@x"},
		Files: []git.File{{Path: "Dockerfile", Text: "FROM b\n"}, {Path: "run.sh", Text: "\xff\n"}},
	}
	return c.Advance(t.Context(), r, "drydock/all", from, []git.Draft{d})
}

func TestWrongAppKeys(t *testing.T) {
	for name, key := range map[string]string{
		"nothing": "", "no PEM": "secret", "no key": "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n",
	} {
		_, err := New(Options{App: &App{ID: "1", Key: []byte(key)}})
		if err == nil || strings.Contains(err.Error(), "c2Vj") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoTokenIsToldAnywhere: not in errors, and not in what a proxy would log.
func TestNoTokenIsToldAnywhere(t *testing.T) {
	server := fake.New(t)
	server.Add("acme/shop", files)
	f, _ := asApp(t, server)
	r := repository(t, f, "acme/shop")
	var told bytes.Buffer
	for i := range 5 {
		server.Break(fake.Fault{On: "GET /repos/acme/shop/git/trees/main", Times: 1, Do: fake.Answer(400+i%4, "no")})
		_, _, err := f.Read(t.Context(), r, "main")
		if err != nil {
			told.WriteString(err.Error())
		}
	}
	for _, request := range server.Log() {
		told.WriteString(request.String())
	}
	if told.Len() == 0 || strings.Contains(told.String(), "ghs_") || strings.Contains(told.String(), "eyJ") {
		t.Error(told.String())
	}
}
