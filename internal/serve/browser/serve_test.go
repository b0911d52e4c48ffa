package browser

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/git/gittest"
)

const (
	token    = "operators-own-token-0123456789"
	needsAll = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN useradd -m app\nUSER app\nCMD [\"bash\"]\n"
	broken   = "FROM debian:12\nRUN <<EOT\n"
	fine     = "FROM alpine:3.20\nRUN apk add --no-cache curl\nUSER 1000\n"
)

// A server is "drydock serve" as its own process.
type server struct {
	t       *testing.T
	url     string
	dir     string // has git/, campaigns/ and drydock.db
	process *exec.Cmd

	mu  sync.Mutex
	log bytes.Buffer
}

var listens = regexp.MustCompile(`drydock: serves .+ at (http://\S+)`)

// folder makes what a server works in. It has no campaign and no repository.
func folder(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, dir: t.TempDir()}
	for _, name := range []string{"campaigns", "git"} {
		must(t, os.Mkdir(filepath.Join(s.dir, name), 0o700))
	}
	return s
}

// campaign writes the file of one over the folder's repositories.
func (s *server) campaign(name, narrowed string) {
	s.t.Helper()
	text := fmt.Sprintf("name: %s\nforge: file://%s/git\nselect: {%severything: true}\nfixers: {only: [numeric-user, package-cleanup]}\n", name, s.dir, narrowed)
	must(s.t, os.WriteFile(filepath.Join(s.dir, "campaigns", name+".yaml"), []byte(text), 0o600))
}

// start begins to serve.
func (s *server) start() {
	t := s.t
	t.Helper()
	program := filepath.Join(s.dir, "drydock")
	if out, err := exec.Command("go", "build", "-o", program, "github.com/drydock-dev/drydock/cmd/drydock").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	s.process = exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--database", filepath.Join(s.dir, "drydock.db"), "--campaigns", "campaigns")
	s.process.Dir = s.dir
	s.process.Env = append(os.Environ(), "DRYDOCK_TOKENS=ann:operator:"+token, "DRYDOCK_WEBHOOK_SECRET=secret-of-webhooks-0123456789")
	out, err := s.process.StderrPipe()
	must(t, err)
	must(t, s.process.Start())
	t.Cleanup(func() { s.process.Process.Kill(); s.process.Wait() })
	address := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			s.mu.Lock()
			s.log.WriteString(lines.Text() + "\n")
			s.mu.Unlock()
			if found := listens.FindStringSubmatch(lines.Text()); found != nil {
				address <- found[1]
			}
		}
	}()
	select {
	case s.url = <-address:
	case <-time.After(time.Minute):
		t.Fatalf("it does not listen:\n%s", s.said())
	}
}

func (s *server) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

func (s *server) bare(name string) string { return filepath.Join(s.dir, "git", "acme", name+".git") }

func (s *server) repository(name, dockerfile string) {
	s.t.Helper()
	must(s.t, os.MkdirAll(filepath.Dir(s.bare(name)), 0o700))
	work := gittest.Worktree(s.t, map[string]string{"Dockerfile": dockerfile})
	gittest.Run(s.t, s.dir, "clone", "--quiet", "--bare", work, s.bare(name))
}

// stop ends the process as a service manager does, and looks for what must not be
// left behind.
func (s *server) stop() {
	s.t.Helper()
	began := time.Now()
	must(s.t, s.process.Process.Signal(syscall.SIGTERM))
	if err := s.process.Wait(); err != nil {
		s.t.Errorf("it ends with %v:\n%s", err, s.said())
	}
	if took := time.Since(began); took > 20*time.Second {
		s.t.Errorf("it took %v to end", took)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "drydock.db*"))
	must(s.t, err)
	texts := []string{s.said()}
	for _, f := range files {
		text, err := os.ReadFile(f)
		must(s.t, err)
		texts = append(texts, string(text))
	}
	for _, secret := range []string{token, "secret-of-webhooks"} {
		if strings.Contains(strings.Join(texts, ""), secret) {
			s.t.Errorf("%s is in the log or the database", secret)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
