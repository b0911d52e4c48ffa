package fleet

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/serve/login/oidctest"
)

// A day is a drydock that serves, and what it leaves behind.
type day struct {
	*run
	vault
	forge  *fake.Server
	issuer *oidctest.Issuer
	url    string
	env    []string

	mu   sync.Mutex
	said bytes.Buffer // by all processes
}

func (d *day) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.said.Write(p)
}

func (d *day) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.said.String()
}

// newDay makes one on a database, "" for a file; asUser or asApp says whom it acts as.
func newDay(t *testing.T, database string) *day {
	t.Helper()
	d := &day{forge: fake.New(t), issuer: oidctest.Start(t, "")}
	d.run = newRun(t, d.forge.URL, "limits: {per-hour: 1000}\n")
	replaceIn(t, d.run, "everything: true", "organisations: [acme]")
	for name, text := range map[string]string{"shop": due, "web": due, "broken": "FROM debian:12\nRUN <<EOT\n", "odd": due, "proxied": due} {
		d.forge.Add("acme/"+name, map[string]string{"Dockerfile": text})
	}
	for _, call := range []string{"GET /repos/acme/proxied", "GET /repos/acme/proxied/pulls"} { // a list may tell of it, too
		d.forge.Break(fake.Fault{On: call, Times: 1 << 30, Do: reflecting})
	}
	d.forge.Break(fake.Fault{On: "GET /repos/acme/odd", Times: 2, Do: fake.Answer(http.StatusUnauthorized, "Bad credentials")})
	d.env = []string{
		asDrydock + "=1", "GOMAXPROCS=2",
		"DRYDOCK_TOKENS=ann:operator:" + d.secret("an operator's token") + ",bob:reader:" + d.secret("a reader's token"),
		"DRYDOCK_SESSION_KEY=" + d.secret("the key of sessions"), "DRYDOCK_WEBHOOK_SECRET=" + d.secret("the secret of webhooks"),
		"DRYDOCK_GITEA_WEBHOOK_SECRET=" + d.secret("the secret of a Gitea's webhooks"),
		"DRYDOCK_OIDC_SECRET=" + d.secret("the client's secret at the issuer"),
	}
	if database == "" {
		database = d.database
	} else {
		database += "&password=" + d.secret("the database's password")
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the processes said:\n%s", d.text())
		}
	})
	d.database = database
	d.env = append(d.env, "DRYDOCK_DATABASE="+database)
	return d
}

// process is drydock with all its secrets, whose output is kept.
func (d *day) process(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = d.dir, append(os.Environ(), d.env...), d, d
	return cmd
}

// begin starts a process, and gives what ends it as a service manager does.
func (d *day) begin(args ...string) (end func()) {
	d.t.Helper()
	cmd := d.process(args...)
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	ended := false
	end = func() {
		if ended {
			return
		}
		ended = true
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			d.t.Errorf("%s ends with %v\n%s", args[0], err, d.text())
		}
	}
	d.t.Cleanup(end)
	return end
}

// reflecting is a proxy's page about a request that it did not like: it shows the
// request, with the credentials.
func reflecting(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"message":%q}`, "you sent "+r.Header.Get("Authorization"))
}

// asUser has drydock act as whom a token belongs to.
func asUser(d *day) {
	d.forge.Token = d.secret("the forge's token")
	d.env = append(d.env, "GH_TOKEN="+d.forge.Token)
}

// asApp has it act as an App, of an owner.
func asApp(d *day) {
	d.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		d.t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	lines := strings.Split(string(text), "\n")
	d.add("the App's private key", lines[len(lines)/2])
	d.add("a JSON web token", "eyJhbGciOiJSUzI1NiI")
	d.add("an installation's token", "ghs_secret") // that the stand-in mints
	d.forge.App = &fake.App{ID: 42, Slug: "drydock", Public: &key.PublicKey, Owners: []string{"acme"}}
	name := filepath.Join(d.t.TempDir(), "app.pem")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.env = append(d.env, "DRYDOCK_APP_ID=42", "DRYDOCK_APP_KEY="+name)
}
