package fleet

import (
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/campaign/store/storetest"
	"github.com/drydock-dev/drydock/internal/forge/fake"
)

// A service is a process that answers requests, such as "drydock serve".
type service struct {
	t     *testing.T
	cmd   *exec.Cmd
	url   string
	ended chan error

	mu   sync.Mutex
	said strings.Builder
}

func (s *service) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Write(p)
}

func (s *service) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

var listensAt = regexp.MustCompile(`msg=listens address=(http://\S+)`)

// serve starts one that listens.
func (r *run) serve(args ...string) *service {
	r.t.Helper()
	s := &service{t: r.t, cmd: r.command(append(args, "--listen", "127.0.0.1:0")...), ended: make(chan error, 1)}
	s.cmd.Env = append(s.cmd.Env, "DRYDOCK_TOKENS=ann:operator:operators-own-token-0123", "DRYDOCK_WEBHOOK_SECRET="+hookSecret)
	s.cmd.Stderr = s
	if err := s.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	r.t.Cleanup(func() { s.cmd.Process.Kill() })
	waitFor(r.t, "a server", time.Minute, func() bool {
		if found := listensAt.FindStringSubmatch(s.text()); found != nil {
			s.url = found[1]
		}
		return s.url != ""
	})
	return s
}

const hookSecret = "secret-of-webhooks-0123"

// get gives the status and text of an answer, 0 and the cause where there is none.
func (s *service) get(path string) (int, string) {
	got, err := http.Get(s.url + path)
	if err != nil {
		return 0, err.Error()
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		return 0, err.Error()
	}
	return got.StatusCode, string(text)
}

// end waits for the end of the process.
func (s *service) end(within time.Duration) error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		s.ended <- err
		return err
	case <-time.After(within):
		s.t.Fatalf("it does not end within %v\n%s", within, s.text())
		return nil
	}
}

func (s *service) runs() bool { return len(s.ended) == 0 }

// TestFleetAnswersWhileItMigrates: a process lives and is not ready as long as
// another one has the tables.
func TestFleetAnswersWhileItMigrates(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"serve", "worker"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			r := newRun(t, "file:///nowhere", nothing)
			s, err := store.Open(t.Context(), r.database)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			// What begins a transaction keeps all others from the tables.
			held, err := s.DB().BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			p := r.serve(command, "--grace", "1s")
			for range 3 {
				if status, text := p.get("/healthz"); status != http.StatusOK {
					t.Errorf("it does not live: %d %s", status, text)
				}
				for _, path := range []string{"/readyz", "/", "/webhooks/github"} {
					if status, text := p.get(path); status != http.StatusServiceUnavailable || !strings.Contains(text, "migrating") {
						t.Errorf("%s: %d %s", path, status, text)
					}
				}
				time.Sleep(100 * time.Millisecond)
			}
			if err := held.Rollback(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "readiness", time.Minute, func() bool {
				status, text := p.get("/readyz")
				return status == http.StatusOK && text == "ready\n"
			})
			if status, _ := p.get("/campaigns/c"); command == "serve" && status != http.StatusUnauthorized || command == "worker" && status != http.StatusNotFound {
				t.Errorf("a page: %d", status)
			}
			p.cmd.Process.Signal(syscall.SIGTERM)
			if err := p.end(30 * time.Second); err != nil {
				t.Errorf("it ends with %v\n%s", err, p.text())
			}
		})
	}
}

// A held call is one that the forge does not answer yet.
type held struct {
	came, release chan struct{}
}

// holdCall has the stand-in hold a call back, once, before it does it.
func holdCall(server *fake.Server, call string) held {
	h := held{make(chan struct{}), make(chan struct{})}
	server.Break(fake.Fault{On: call, Times: 1, Do: func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		h.wait()
		next(w, r)
	}})
	return h
}

// holdAnswer has it hold the answer back: what was asked for is done.
func holdAnswer(server *fake.Server, call string) held {
	h := held{make(chan struct{}), make(chan struct{})}
	server.Break(fake.Fault{On: call, Times: 1, Do: func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		next(w, r)
		h.wait()
	}})
	return h
}

func (h held) wait() {
	close(h.came)
	<-h.release
}

// TestFleetStoppedAmidWrites: a server that is told to end while the forge has not
// answered a write yet.
func TestFleetStoppedAmidWrites(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		call     string
		hold     func(*fake.Server, string) held
		grace    string
		stop     func(p *service, h held)
		graceful bool
		postgres bool
	}{
		{name: "it ends the write that it is in", call: "POST /repos/acme/shop/pulls", hold: holdCall, grace: "1m", graceful: true, stop: letGo},
		{name: "it ends the step that it is in", call: "POST /repos/acme/shop/git/commits", hold: holdCall, grace: "1m", graceful: true, stop: letGo, postgres: true},
		{name: "the grace period ends", call: "POST /repos/acme/shop/pulls", hold: holdAnswer, grace: "1s", stop: func(p *service, _ held) { _ = p.end(30 * time.Second) }},
		{name: "a second signal ends it at once", call: "POST /repos/acme/shop/pulls", hold: holdAnswer, grace: "10m", stop: again},
		{name: "a second signal before the write was done", call: "POST /repos/acme/shop/git/refs", hold: holdCall, grace: "10m", stop: again, postgres: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := fake.New(t)
			for _, name := range []string{"shop", "web"} {
				server.Add("acme/"+name, map[string]string{"Dockerfile": due})
			}
			server.Add("acme/late", map[string]string{"Dockerfile": notDue})
			r := newRun(t, server.URL, "limits: {per-hour: 1000}\n")
			replaceIn(t, r, "everything: true", "organisations: [acme]")
			r.token = server.Token
			if c.postgres {
				r.database = storetest.Postgres(t)()
			}
			h := c.hold(server, c.call)
			r.do("campaign", "apply", "c.yaml", "--detach")
			p := r.serve("serve", "-j", "1", "--grace", c.grace)
			wait(t, h.came, "a write")

			// A push of which the server is told just before it is told to end.
			server.PushTo("acme/late", "main", map[string]string{"Dockerfile": due})
			pushed := server.Deliveries()
			if got := server.Send(pushed[len(pushed)-1], p.url+"/webhooks/github", hookSecret); got != http.StatusAccepted {
				t.Errorf("a webhook: %d", got)
			}
			p.cmd.Process.Signal(syscall.SIGTERM)
			waitFor(t, "no more requests", time.Minute, func() bool { status, _ := p.get("/healthz"); return status == 0 })
			c.stop(p, h)
			if err := p.end(30 * time.Second); c.graceful && err != nil {
				t.Errorf("it ends with %v\n%s", err, p.text())
			}
			if c.graceful {
				shop := server.Repository("acme/shop").Pulls
				if out, _ := r.do("campaign", "status", "c", "--format", "json"); len(shop) != 1 || !strings.Contains(out, "acme/shop/pull/1") {
					t.Errorf("the step was not ended: %d pull requests\n%s", len(shop), out)
				}
				if n := len(server.Repository("acme/web").Pulls); n > 0 {
					t.Errorf("a step began after the end was told")
				}
			} else {
				close(h.release) // for nobody
			}

			next := r.serve("serve", "-j", "1")
			waitFor(t, "all pull requests", 2*time.Minute, func() bool {
				out, _ := r.do("campaign", "status")
				return strings.HasPrefix(out, "c: 3 open\n")
			})
			next.cmd.Process.Signal(syscall.SIGTERM)
			if err := next.end(time.Minute); err != nil {
				t.Errorf("the next one ends with %v\n%s", err, next.text())
			}
			for _, name := range []string{"shop", "web", "late"} {
				if n := len(server.Repository("acme/" + name).Pulls); n != 1 {
					t.Errorf("%s has %d pull requests", name, n)
				}
			}
			withinLimits(t, server)
		})
	}
}

// letGo lets the forge answer after a while, in which the server must not end.
func letGo(p *service, h held) {
	time.Sleep(time.Second)
	if !p.runs() {
		p.t.Errorf("it did not wait for its write\n%s", p.text())
	}
	close(h.release)
}

// again sends a second signal, after which nothing is waited for.
func again(p *service, _ held) {
	time.Sleep(500 * time.Millisecond)
	if !p.runs() {
		p.t.Errorf("it did not wait for its write\n%s", p.text())
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	began := time.Now()
	if err := p.end(time.Minute); err == nil {
		p.t.Errorf("it ended as if nothing was cut off")
	}
	if took := time.Since(began); took > 20*time.Second { // the grace period is 10 minutes
		p.t.Errorf("it took %v", took)
	}
}

func wait(t *testing.T, came <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-came:
	case <-time.After(time.Minute):
		t.Fatalf("%s: it does not come", what)
	}
}
