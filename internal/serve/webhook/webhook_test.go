package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/forge/github"
	"github.com/drydock-dev/drydock/internal/forge/local"
)

const (
	secret      = "the secret of the app"
	giteaSecret = "the secret of a Gitea"
)

// A world is a receiver and a follower over a database with one campaign.
type world struct {
	t        *testing.T
	store    *store.Store
	handler  map[string]http.Handler
	follower *Follower
	now      time.Time
	log      bytes.Buffer
}

// A permitting forge knows who may write.
type permitting struct {
	forge.Forge
	writers string
}

func (p permitting) MayWrite(_ context.Context, _ forge.Repository, user string) (bool, error) {
	if user == "ghost" {
		return false, forge.ErrNotFound
	}
	return strings.Contains(p.writers, user), nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	var err error
	if w.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "drydock.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	w.store.Now = func() time.Time { return w.now }
	logger := slog.New(slog.NewTextHandler(&w.log, nil))
	receiver := func(from Sender, secret string) http.Handler {
		return (&Receiver{Sender: from, Secret: []byte(secret), Inbox: w.store, Logger: logger, Came: func(string, string) {}}).Handler()
	}
	w.handler = map[string]http.Handler{"github": receiver(GitHub, secret), "gitea": receiver(Gitea, giteaSecret)}
	w.follower = &Follower{Store: w.store, Logger: logger, Connect: func(string) (forge.Forge, error) {
		return permitting{local.Forge{}, "ann ann.x"}, nil
	}}
	w.must(w.store.SaveCampaign(t.Context(), store.Campaign{Name: "c", Forge: "github.com", Stage: store.Running, Planned: w.now}))
	w.must(w.store.Enlist(t.Context(), "c", []string{"acme/shop", "acme/web"}))
	for _, name := range []string{"acme/shop", "acme/web"} {
		c, err := w.store.Changeset(t.Context(), "c", name)
		w.must(err)
		c.State, c.Base, c.Branch, c.Pull, c.Due = store.Opened, "main", "drydock/c", 7, w.now.Add(24*time.Hour)
		w.must(w.store.Save(t.Context(), store.Look{Changeset: c}))
	}
	w.now = w.now.Add(time.Hour)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func sign(body, key string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func (w *world) send(event, guid, body, signature string) int {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/webhooks/github", strings.NewReader(body))
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-GitHub-Delivery", guid)
	r.Header.Set("X-Hub-Signature-256", signature)
	answer := httptest.NewRecorder()
	w.handler["github"].ServeHTTP(answer, r)
	return answer.Code
}

// deliver sends what is signed, and follows it.
func (w *world) deliver(event, guid, body string) int {
	w.t.Helper()
	status := w.send(event, guid, body, sign(body, secret))
	_, err := w.follower.Once(w.t.Context())
	w.must(err)
	return status
}

// due lists the repositories that are due, and takes that back.
func (w *world) due() string {
	w.t.Helper()
	all, _, err := w.store.Changesets(w.t.Context(), store.Filter{})
	w.must(err)
	var due []string
	for _, c := range all {
		if c.Due.After(w.now) {
			continue
		}
		due = append(due, strings.TrimSpace(c.Repository+" "+string(c.Wish.Want)+" "+c.Wish.Who))
		c.Due, c.Wish = w.now.Add(24*time.Hour), store.Wish{}
		w.must(w.store.Save(w.t.Context(), store.Look{Changeset: c}))
	}
	return strings.Join(due, ", ")
}

const push = `{"ref":"refs/heads/main","repository":{"full_name":"acme/shop"}}`

func TestForgedWebhooksDoNothing(t *testing.T) {
	w := newWorld(t)
	for name, signature := range map[string]string{
		"none": "", "another secret": sign(push, "x"), "of another body": sign(push+" ", secret), "SHA-1": "sha1=" + strings.Repeat("0", 40),
		"short": sign(push, secret)[:20], "no hexadecimal": "sha256=" + strings.Repeat("z", 64),
	} {
		if got := w.send("push", "g", push, signature); got != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, got)
		}
	}
	if n, err := w.follower.Once(t.Context()); n != 0 || err != nil {
		t.Error(n, err)
	}
	if w.due() != "" {
		t.Error("something is due")
	}
	big := strings.NewReader("")
	r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(big, io.LimitReader(zeros{}, maxBody+1)))
	r.Header.Set("X-Hub-Signature-256", sign("", secret))
	answer := httptest.NewRecorder()
	w.handler["github"].ServeHTTP(answer, r)
	if answer.Code != http.StatusRequestEntityTooLarge {
		t.Error(answer.Code)
	}
}

// TestSlowSendersKeepNobodyOut: as many as may be held at a time send nothing.
func TestSlowSendersKeepNobodyOut(t *testing.T) {
	w := newWorld(t)
	site := httptest.NewServer(w.handler["github"])
	for range 2 * atOnce {
		sender, err := net.Dial("tcp", site.Listener.Addr().String())
		w.must(err)
		defer sender.Close()
		_, err = fmt.Fprintf(sender, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nX-Hub-Signature-256: %s\r\n\r\n", maxBody, sign("", "x"))
		w.must(err)
	}
	defer site.Close() // which waits for them, and comes first
	defer site.CloseClientConnections()
	time.Sleep(200 * time.Millisecond)
	if got := w.deliver("push", "g", push); got != http.StatusAccepted {
		t.Errorf("a delivery: %d", got)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestReplayedWebhooksAreDone(t *testing.T) {
	w := newWorld(t)
	if got := w.deliver("push", "g1", push); got != http.StatusAccepted {
		t.Error(got)
	}
	if got := w.due(); got != "acme/shop" {
		t.Error(got)
	}
	if got := w.deliver("push", "g1", push); got != http.StatusOK {
		t.Error(got)
	}
	if got := w.due(); got != "" {
		t.Errorf("a replay woke %s", got)
	}
}

func TestEvents(t *testing.T) {
	w := newWorld(t)
	for i, c := range []struct {
		event, body, want string
		status            int
	}{
		{"push", push, "acme/shop", 202},
		{"push", `{"ref":"refs/heads/other","repository":{"full_name":"acme/shop"}}`, "", 202},
		{"push", `{"ref":"refs/heads/drydock/c","repository":{"full_name":"acme/web"}}`, "acme/web", 202},
		{"push", `{"ref":"refs/tags/v1","repository":{"full_name":"acme/shop"}}`, "", 204},
		{"pull_request", `{"action":"closed","pull_request":{"head":{"ref":"drydock/c"}},"repository":{"full_name":"acme/shop"}}`, "acme/shop", 202},
		{"pull_request", `{"action":"labeled","pull_request":{"head":{"ref":"drydock/c"}},"repository":{"full_name":"acme/shop"}}`, "", 204},
		{"pull_request", `{"action":"closed","pull_request":{"head":{"ref":"feature"}},"repository":{"full_name":"acme/shop"}}`, "", 202},
		{"repository", `{"action":"renamed","changes":{"repository":{"name":{"from":"shop"}}},"repository":{"full_name":"acme/store"}}`, "acme/shop", 202},
		{"repository", `{"action":"transferred","changes":{"owner":{"from":{"organization":{"login":"acme"}}}},"repository":{"full_name":"corp/web"}}`, "acme/web", 202},
		{"repository", `{"action":"deleted","repository":{"full_name":"acme/web"}}`, "acme/web", 202},
		{"repository", `{"action":"deleted","repository":{"full_name":"acme/../web"}}`, "", 204},
		{"star", `{}`, "", 204},
		{"ping", `{"zen":"x"}`, "", 204},
		{"push", `payload=%7B%7D`, "", 400},
	} {
		if got := w.deliver(c.event, fmt.Sprint("g", i), c.body); got != c.status {
			t.Errorf("%s %s: %d", c.event, c.body, got)
		}
		if got := w.due(); got != c.want {
			t.Errorf("%s %s: %q is due, not %q", c.event, c.body, got, c.want)
		}
	}
	w.deliver("installation_repositories", "i", `{"action":"added"}`)
	if row, err := w.store.Row(t.Context(), "c"); err != nil || !row.Planned.IsZero() {
		t.Errorf("%+v %v", row, err)
	}
}

func comment(author, text string, id int) string {
	return fmt.Sprintf(`{"action":"created","issue":{"number":7,"pull_request":{"url":"x"}},"comment":{"id":%d,"body":%q,"user":{"login":%q,"type":"User"}},"repository":{"full_name":"acme/shop","html_url":"https://github.com/acme/shop"}}`, id, text, author)
}

func TestComments(t *testing.T) {
	w := newWorld(t)
	for i, c := range []struct{ author, text, want string }{
		{"ann", "please\r\ndrydock rebase\r\nthanks", "acme/shop rebase ann"},
		{"ann", "DryDock Ignore", "acme/shop ignore ann"},
		{"ann", "drydock explain", "acme/shop explain ann"},
		{"ann", "I like drydock rebase a lot", ""},
		{"ann", "> quoted: drydock ignore", ""},
		{"ann", "drydock explode", ""},
		{"eve", "drydock ignore", ""},
		{"ghost", "drydock ignore", ""},
		{"ann eve", "drydock ignore", ""},
	} {
		w.deliver("issue_comment", fmt.Sprint("g", i), comment(c.author, c.text, i))
		if got := w.due(); got != c.want {
			t.Errorf("%s says %q: %q, not %q", c.author, c.text, got, c.want)
		}
	}
	w.deliver("issue_comment", "another GUID", comment("ann", "DryDock Ignore", 1))
	if got := w.due(); got != "" {
		t.Errorf("a comment that came before: %s", got)
	}
	w.deliver("issue_comment", "another pull request", strings.Replace(comment("ann", "drydock ignore", 99), `"number":7`, `"number":8`, 1))
	w.deliver("issue_comment", "an issue", strings.Replace(comment("ann", "drydock ignore", 98), `"pull_request"`, `"x"`, 1))
	w.deliver("issue_comment", "edited", strings.Replace(comment("ann", "drydock ignore", 97), "created", "edited", 1))
	w.deliver("issue_comment", "a bot", strings.Replace(comment("ann", "drydock ignore", 96), `"User"`, `"Bot"`, 1))
	if got := w.due(); got != "" {
		t.Errorf("of no concern: %s", got)
	}
	entries, err := w.store.Audit(t.Context(), store.Page{Repository: "acme/shop"})
	w.must(err)
	if len(entries) != 3 || entries[0].Who != "ann" || entries[0].Action != "ask" || entries[0].Target != "explain" {
		t.Errorf("%+v", entries)
	}
}

// TestAnswersToIssues: whoever asks by an issue is woken by what may be an answer,
// and reads it there.
func TestAnswersToIssues(t *testing.T) {
	w := newWorld(t)
	w.must(w.store.Enlist(t.Context(), "c", []string{"acme/shop", "acme/web", "acme/asks"}))
	c, err := w.store.Changeset(t.Context(), "c", "acme/asks")
	w.must(err)
	c.State, c.Phase, c.Pull, c.Due = store.Opened, store.Asking, 7, w.now.Add(24*time.Hour)
	w.must(w.store.Save(t.Context(), store.Look{Changeset: c}))
	said := func(action, text, repository string, issue int) string {
		return fmt.Sprintf(`{"action":%q,"issue":{"number":%d},"comment":{"id":1,"body":%q,"user":{"login":"eve"}},"repository":{"full_name":%q}}`, action, issue, text, repository)
	}
	for i, c := range []struct {
		event, body, want string
		status            int
	}{
		{"issue_comment", said("created", "yes\r\ndrydock go\r\n", "acme/asks", 7), "acme/asks", 202},
		{"issue_comment", said("edited", "Drydock Ignore", "acme/asks", 7), "acme/asks", 202},
		{"issue_comment", said("deleted", "drydock go", "acme/asks", 7), "acme/asks", 202},
		{"issue_comment", said("created", "what does drydock go do?", "acme/asks", 7), "", 204},
		{"issue_comment", said("created", "drydock rebase", "acme/asks", 7), "", 204},
		{"issue_comment", said("created", "drydock go", "acme/asks", 8), "", 202},
		{"issue_comment", said("created", "drydock go", "acme/shop", 7), "", 202}, // its 7 is a pull request
		{"issues", said("closed", "", "acme/asks", 7), "acme/asks", 202},
		{"issues", said("reopened", "", "acme/asks", 7), "acme/asks", 202},
		{"issues", said("deleted", "", "acme/asks", 7), "acme/asks", 202},
		{"issues", said("closed", "", "acme/asks", 8), "", 202},
		{"issues", said("labeled", "", "acme/asks", 7), "", 204},
	} {
		if got := w.deliver(c.event, fmt.Sprint("g", i), c.body); got != c.status {
			t.Errorf("%s %s: %d", c.event, c.body, got)
		}
		if got := w.due(); got != c.want {
			t.Errorf("%s %s: %q is due, not %q", c.event, c.body, got, c.want)
		}
	}
	// A comment as of a pull request, under the issue's number, asks for nothing.
	w.deliver("issue_comment", "p", strings.Replace(comment("ann", "drydock ignore", 90), "acme/shop", "acme/asks", 2))
	if got := w.due(); got != "" {
		t.Errorf("%s is due", got)
	}
}

// TestWhatFailsIsTriedAgain: a delivery is not lost when the forge does not answer,
// and is given up in the end.
func TestWhatFailsIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	works := w.follower.Connect
	w.follower.Connect = func(string) (forge.Forge, error) { return nil, fmt.Errorf("away") }
	w.deliver("issue_comment", "g", comment("ann", "drydock ignore", 1))
	if got := w.due(); got != "" {
		t.Error(got)
	}
	w.follower.Connect = works
	for range 2 {
		_, err := w.follower.Once(t.Context())
		w.must(err)
		w.now = w.now.Add(lasting)
	}
	if got := w.due(); got != "acme/shop ignore ann" {
		t.Error(got)
	}
	w.follower.Connect = func(string) (forge.Forge, error) { return nil, fmt.Errorf("away") }
	w.deliver("issue_comment", "h", comment("ann", "drydock ignore", 2))
	for range 2 * tries {
		w.now = w.now.Add(lasting)
		_, err := w.follower.Once(t.Context())
		w.must(err)
	}
	if n := strings.Count(w.log.String(), "guid=h"); n != tries {
		t.Errorf("%d tries", n)
	}
}

// FuzzParse holds the reading of payloads to what may be looked up.
func FuzzParse(f *testing.F) {
	f.Add("push", push)
	f.Add("issue_comment", comment("ann", "drydock ignore", 1))
	f.Add("issue_comment", giteaComment("ann", "drydock ignore", 1))
	f.Add("repository", `{"action":"renamed","changes":{"repository":{"name":{"from":"../x"}}},"repository":{"full_name":"a/b"}}`)
	f.Fuzz(func(t *testing.T, name, body string) {
		for _, from := range []Sender{GitHub, Gitea} {
			e, err := from.parse(name, []byte(body))
			if err != nil || e == nil || e.Kind == Listed {
				continue
			}
			if !repositoryName().MatchString(e.Repository) || e.Was != "" && !repositoryName().MatchString(e.Was) || e.Author != "" && !from.isUser(e.Author) {
				t.Fatalf("%+v", e)
			}
		}
	})
}

// A failing inbox is a database that does not answer for a while.
type failing struct {
	Inbox
	times int
}

func (f *failing) Deliver(ctx context.Context, d store.Delivery) (bool, error) {
	if f.times--; f.times >= 0 {
		return false, errors.New("away")
	}
	return f.Inbox.Deliver(ctx, d)
}

// TestWhatDidNotArriveComesLate: GitHub does not send again by itself what was answered
// with a 5xx, such as a comment, which no later look would find.
func TestWhatDidNotArriveComesLate(t *testing.T) {
	w := newWorld(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	w.must(err)
	server := fake.New(t)
	server.App = &fake.App{ID: 42, Slug: "drydock", Public: &key.PublicKey, Owners: []string{"acme"}}
	server.Add("acme/shop", map[string]string{"Dockerfile": "FROM a\n"})
	server.Repository("acme/shop").Pulls = make([]*fake.Pull, 7)
	for i := range server.Repository("acme/shop").Pulls {
		server.Repository("acme/shop").Pulls[i] = &fake.Pull{Number: i + 1, Head: "acme:drydock/c", State: "open"}
	}
	row, err := w.store.Row(t.Context(), "c")
	w.must(err)
	row.Forge = server.URL
	w.must(w.store.SaveCampaign(t.Context(), row))
	hub, err := github.New(github.Options{API: server.URL, App: &github.App{ID: "42", Key: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})}})
	w.must(err)
	writers := w.follower.Connect
	w.follower.Connect = func(string) (forge.Forge, error) { return hub, nil }

	receiver := &Receiver{Sender: GitHub, Secret: []byte(secret), Inbox: &failing{w.store, 1}, Logger: w.follower.Logger, Came: func(string, string) {}}
	hook := httptest.NewServer(receiver.Handler())
	defer hook.Close()
	server.Comment("acme/shop", 7, "ann", "MEMBER", "drydock ignore")
	if status := server.Send(server.Deliveries()[0], hook.URL, secret); status != http.StatusServiceUnavailable {
		t.Fatal(status)
	}
	w.follower.Redeliver(t.Context())
	w.follower.Connect = writers
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if waiting, err := w.store.Waiting(t.Context()); err != nil || waiting > 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	_, err = w.follower.Once(t.Context())
	w.must(err)
	if got := w.due(); got != "acme/shop ignore ann" {
		t.Error(got)
	}
}
