package fleet

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/campaign/store/storetest"
	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/serve/login/oidctest"
)

// TestFleetSecretsStayIn: every secret that drydock is given or comes by is a word of
// its own here, and is looked for in all that is left of a day on which things went
// wrong: the output of every command, every row of every table, River's included,
// the files below the tables, what the forge was told in public, and the arguments
// of all processes meanwhile.
func TestFleetSecretsStayIn(t *testing.T) {
	t.Parallel()
	t.Run("a token and a file", func(t *testing.T) {
		t.Parallel()
		secretsStayIn(t, "", false)
	})
	t.Run("an App and PostgreSQL", func(t *testing.T) {
		t.Parallel()
		secretsStayIn(t, storetest.Postgres(t)(), true)
	})
}

// A vault has the secrets of a test, by what they are.
type vault struct {
	mu  sync.Mutex
	all map[string]string
}

// secret makes one, of letters that no encoding of addresses changes.
func (v *vault) secret(what string) string { return v.add(what, "canary"+rand.Text()+rand.Text()) }

func (v *vault) add(what, secret string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.all == nil {
		v.all = map[string]string{}
	}
	v.all[what] = secret
	return secret
}

// leaks lists which secrets a text has, as they are or in one of the forms that they
// travel in.
func (v *vault) leaks(text []byte) (found []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for what, secret := range v.all {
		forms := []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))}
		for _, user := range []string{"x-access-token:", oidctest.Client + ":", "Bearer ", "token "} {
			forms = append(forms, base64.StdEncoding.EncodeToString([]byte(user+secret)))
		}
		for _, form := range forms {
			if bytes.Contains(text, []byte(strings.TrimRight(form, "="))) {
				found = append(found, what)
				break
			}
		}
	}
	return found
}

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

func newDay(t *testing.T, database string, app bool) *day {
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
	if app {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
		lines := strings.Split(string(text), "\n")
		d.add("the App's private key", lines[len(lines)/2])
		d.add("a JSON web token", "eyJhbGciOiJSUzI1NiI")
		d.add("an installation's token", "ghs_secret") // that the stand-in mints
		d.forge.App = &fake.App{ID: 42, Slug: "drydock", Public: &key.PublicKey, Owners: []string{"acme"}}
		name := filepath.Join(t.TempDir(), "app.pem")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		d.env = append(d.env, "DRYDOCK_APP_ID=42", "DRYDOCK_APP_KEY="+name)
	} else {
		d.forge.Token = d.secret("the forge's token")
		d.env = append(d.env, "GH_TOKEN="+d.forge.Token)
	}
	if database == "" {
		database = d.database
	} else {
		database += "&password=" + d.secret("the database's password")
	}
	d.database = database
	d.env = append(d.env, "DRYDOCK_DATABASE="+database)
	return d
}

var serving = regexp.MustCompile(`serves \S+ at (http://[^ ,\n]+)`)

func secretsStayIn(t *testing.T, database string, app bool) {
	d := newDay(t, database, app)
	watched := d.watch()

	campaigns := filepath.Join(d.dir, "campaigns")
	if err := os.Mkdir(campaigns, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(d.dir, "c.yaml"), filepath.Join(campaigns, "c.yaml")); err != nil {
		t.Fatal(err)
	}
	endServing := d.begin("serve", "--listen", "127.0.0.1:0", "--address", "http://drydock.example", "--campaigns", "campaigns",
		"--oidc-issuer", d.issuer.URL, "--oidc-client", oidctest.Client, "--operator", "group:platform")
	waitFor(t, "a server", time.Minute, func() bool {
		found := serving.FindStringSubmatch(d.text())
		if found != nil {
			d.url = found[1]
		}
		return found != nil
	})
	endWorking := func() {}
	if app {
		endWorking = d.begin("worker", "-j", "2")
	}
	d.visit()

	for _, args := range [][]string{
		{"campaign", "status"}, {"campaign", "status", "c"}, {"campaign", "audit"}, {"campaign", "plan", "campaigns/c.yaml", "--report", "plan.html"},
		{"campaign", "rescan", "c"}, {"pr", d.forge.URL + "/acme/shop", "--dry-run"}, {"pr", "acme/proxied"},
	} {
		_ = d.process(args...).Run() // whatever comes of it
	}
	endWorking()
	endServing()
	d.look(watched())
}

// watch reads the arguments of all processes of this machine until it is asked what
// it has seen.
func (d *day) watch() (seen func() map[string]bool) {
	ctx, stop := context.WithCancel(d.t.Context())
	all, ended := map[string]bool{}, make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
			for _, name := range files {
				if text, err := os.ReadFile(name); err == nil { // it may have ended
					all[string(text)] = true
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return func() map[string]bool {
		stop()
		<-ended
		return all
	}
}

// visit is a day in the dashboard: logins that work and that do not, webhooks that
// hold and that do not, a campaign, and everything that can be read.
func (d *day) visit() {
	t := d.t
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	jar, err := cookiejar.New(nil)
	must(err)
	stops := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	browser := &http.Client{Jar: jar, CheckRedirect: stops}
	do := func(req *http.Request, err error) (*http.Response, string) {
		t.Helper()
		must(err)
		req.Header.Set("Accept", "text/html")
		got, err := browser.Do(req)
		must(err)
		defer got.Body.Close()
		text, err := io.ReadAll(got.Body)
		must(err)
		if leaks := d.leaks(text); len(leaks) > 0 {
			t.Errorf("%s shows %v", req.URL.Path, leaks)
		}
		return got, string(text)
	}
	get := func(path string) string {
		t.Helper()
		got, text := do(http.NewRequest(http.MethodGet, d.url+path, nil))
		if got.StatusCode >= 500 {
			t.Errorf("%s: %s\n%s", path, got.Status, text)
		}
		return text
	}
	post := func(path string, form url.Values) *http.Response {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, d.url+path, strings.NewReader(form.Encode()))
		must(err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		got, _ := do(req, nil)
		return got
	}
	post("/login", url.Values{"token": {d.secret("a token that is not known")}})
	get("/login?token=" + d.secret("a token in an address"))
	d.issuer.Claim(map[string]any{"email": "eve@example.com", "email_verified": true})
	d.throughIssuer(browser)
	d.issuer.Claim(map[string]any{"groups": []string{"platform"}})
	d.throughIssuer(browser)
	post("/login", url.Values{"token": {d.all["an operator's token"]}})
	home, _ := url.Parse(d.url)
	for _, cookie := range jar.Cookies(home) {
		_, mac, _ := strings.Cut(cookie.Value, ".")
		d.add("a session", mac)
	}
	bearer, err := http.NewRequest(http.MethodGet, d.url+"/metrics", nil)
	must(err)
	bearer.Header.Set("Authorization", "Bearer "+d.all["a reader's token"])
	do(bearer, nil)

	waitFor(t, "a plan", time.Minute, func() bool { return strings.Count(get("/campaigns/c"), `class="state planned"`) >= 2 })
	_, form, _ := strings.Cut(get("/campaigns/c/do/start"), `name="form" value="`)
	form, _, _ = strings.Cut(form, `"`)
	if got := post("/campaigns/c/do/start", url.Values{"form": {form}}); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("start: %s", got.Status)
	}
	waitFor(t, "pull requests", time.Minute, func() bool { return strings.Count(get("/campaigns/c"), `class="state open"`) >= 2 })
	waitFor(t, "a failure that a proxy tells of", time.Minute, func() bool { return strings.Contains(get("/failures"), "you sent") })

	d.forge.Break(fake.Fault{On: "POST /app/installations/1/access_tokens", Times: 1, Do: reflecting})
	d.forge.ExpireTokens() // so that the App is heard once more
	d.forge.PushTo("acme/shop", "main", map[string]string{"README.md": "new"})
	d.forge.PushTo("acme/web", "main", map[string]string{"README.md": "new"})
	for _, delivery := range d.forge.Deliveries() {
		d.forge.Send(delivery, d.url+"/webhooks/github", d.all["the secret of webhooks"])
		d.forge.Send(delivery, d.url+"/webhooks/github", "another-secret-0123456789")
	}
	time.Sleep(2 * time.Second) // they are followed
	for _, path := range []string{"/", "/campaigns/c", "/campaigns/c/changesets/acme/proxied", "/campaigns/c/changesets/acme/shop", "/campaigns/c/diff/acme/shop", "/failures", "/budget", "/audit", "/audit.jsonl", "/metrics", "/readyz", "/jobs/api/jobs?state=completed", "/jobs/api/jobs?state=discarded", "/none"} {
		get(path)
	}
	post("/failures/retry", url.Values{"form": {form}})
	post("/logout", url.Values{"form": {form}})
}

// throughIssuer logs in at the issuer, and keeps the code of it as a secret.
func (d *day) throughIssuer(browser *http.Client) {
	d.t.Helper()
	to := d.url + "/login/oidc"
	for range 3 {
		got, err := browser.Get(to)
		if err != nil {
			d.t.Fatal(err)
		}
		got.Body.Close()
		next, err := got.Location()
		if err != nil {
			break
		}
		if next.Host == "drydock.example" { // which this server is reached by
			d.add("a code of the issuer", next.Query().Get("code"))
			to = d.url + next.RequestURI()
			continue
		}
		to = next.String()
	}
}

// look looks for secrets in all that is left. Words that must be there show that it
// can find some.
func (d *day) look(arguments map[string]bool) {
	t := d.t
	t.Helper()
	places := map[string][]byte{"the output": []byte(d.text())}
	var argv strings.Builder
	for one := range arguments {
		argv.WriteString(strings.ReplaceAll(one, "\x00", " ") + "\n")
	}
	places["the arguments of processes"] = []byte(argv.String())
	tables := d.tables()
	for name, rows := range tables {
		places["the table "+name] = []byte(rows)
	}
	folders := []string{d.dir}
	if u, err := url.Parse(d.database); err == nil && u.Scheme == "postgres" {
		folders = append(folders, u.Query().Get("host"))
	}
	files := 0
	for _, dir := range folders {
		must := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return nil // PostgreSQL removes files as it likes
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return nil
			}
			files++
			if leaks := d.leaks(text); len(leaks) > 0 {
				t.Errorf("the file %s has %v", path, leaks)
			}
			return nil
		})
		if must != nil {
			t.Fatal(must)
		}
	}
	for _, name := range []string{"shop", "web"} {
		for _, p := range d.forge.Repository("acme/" + name).Pulls {
			places["pull request of "+name] = fmt.Appendf(nil, "%+v", *p)
		}
	}
	for place, text := range places {
		if leaks := d.leaks(text); len(leaks) > 0 {
			t.Errorf("%s: %v:\n%.3000s", place, leaks, text)
		}
	}
	all := func(place string) string { return string(places[place]) }
	for place, word := range map[string]string{
		"the output": "who=1234 role=operator", "the arguments of processes": "serve --listen 127.0.0.1:0",
		"the table changeset": "you sent", "the table river_job": "acme/shop", "the table audit": "ann", "the table delivery": "acme/web",
		"pull request of shop": "drydock",
	} {
		if !strings.Contains(all(place), word) {
			t.Errorf("%s lacks %q, so looking there shows nothing:\n%.3000s", place, word, all(place))
		}
	}
	for _, name := range []string{"campaign", "changeset_text", "budget", "identity", "pause", "transition", "river_queue", "river_leader"} {
		if _, ok := tables[name]; !ok {
			t.Errorf("the table %s was not looked into", name)
		}
	}
	if d.issuer.Secret() != d.all["the client's secret at the issuer"] {
		t.Error("the issuer was not told the client's secret, so that it had no way out")
	}
	t.Logf("%d secrets, %d tables, %d files, %d processes, %d bytes of output", len(d.all), len(tables), files, len(arguments), len(d.text()))
}

// tables gives all rows of all tables as text.
func (d *day) tables() map[string]string {
	t := d.t
	t.Helper()
	s, err := store.Open(t.Context(), d.database)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list := "SELECT name, '\"' || name || '\"' FROM sqlite_master WHERE type = 'table'"
	row := "SELECT * FROM %s"
	if s.Pool() != nil {
		list = "SELECT table_name, format('%I.%I', table_schema, table_name) FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
		row = "SELECT t::text FROM %s t"
	}
	named, err := s.DB().QueryContext(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for named.Next() {
		var name, quoted string
		if err := named.Scan(&name, &quoted); err != nil {
			t.Fatal(err)
		}
		names[name] = quoted
	}
	named.Close()
	all := map[string]string{}
	for name, quoted := range names {
		rows, err := s.DB().QueryContext(t.Context(), fmt.Sprintf(row, quoted))
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		var text strings.Builder
		for rows.Next() {
			cells := make([]any, len(columns))
			for i := range cells {
				cells[i] = new([]byte)
			}
			if err := rows.Scan(cells...); err != nil {
				t.Fatal(err)
			}
			for _, c := range cells {
				text.Write(*c.(*[]byte))
				text.WriteByte('\t')
			}
			text.WriteByte('\n')
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
		all[name] = text.String()
	}
	return all
}
