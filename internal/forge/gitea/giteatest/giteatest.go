// Package giteatest starts a real Gitea for tests, on SQLite, with nothing of it
// left afterwards. "make gitea" builds one.
package giteatest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"code.gitea.io/sdk/gitea"
)

// A Server is a running Gitea.
type Server struct {
	URL     string
	Repos   string // the folder of the bare repositories, owner/name.git in lower case
	program string
	config  string
	t       testing.TB
}

const config = `RUN_MODE = prod
RUN_USER = %[1]s
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
WORK_PATH = %[2]s
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = %[3]d
ROOT_URL = http://127.0.0.1:%[3]d/
OFFLINE_MODE = true
DISABLE_SSH = true
STATIC_ROOT_PATH = %[4]s
[database]
DB_TYPE = sqlite3
PATH = %[2]s/gitea.db
[repository]
ROOT = %[2]s/repos
[security]
INSTALL_LOCK = true
SECRET_KEY = of-no-worth
PASSWORD_HASH_ALGO = pbkdf2_v1
[log]
LEVEL = Error
[webhook]
ALLOWED_HOST_LIST = loopback
[indexer]
ISSUE_INDEXER_TYPE = db
[cron.update_checker]
ENABLED = false
`

// Start starts a server, and ends it with the test. The test is skipped where none
// was built: DRYDOCK_GITEA names the folder that "make gitea" builds into.
func Start(t testing.TB) *Server {
	t.Helper()
	static := os.Getenv("DRYDOCK_GITEA")
	if static == "" {
		t.Skip("no Gitea was built: make gitea")
	}
	static, err := filepath.Abs(static)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	port := freePort(t)
	s := &Server{t: t, program: filepath.Join(static, "gitea"), config: filepath.Join(dir, "app.ini"), Repos: filepath.Join(dir, "repos"), URL: fmt.Sprintf("http://127.0.0.1:%d", port)}
	user := os.Getenv("USER")
	if os.Getuid() == 0 {
		user = "root"
	}
	if err := os.WriteFile(s.config, fmt.Appendf(nil, config, user, dir, port, static), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("migrate")
	var log bytes.Buffer
	web := exec.Command(s.program, "--config", s.config, "web")
	web.Env = s.environment()
	web.Stdout, web.Stderr = &log, &log
	if err := web.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		web.Process.Signal(os.Interrupt)
		web.Wait()
		if t.Failed() {
			t.Logf("Gitea: %s", log.String())
		}
	})
	for range 300 {
		if res, err := http.Get(s.URL + "/api/v1/version"); err == nil {
			res.Body.Close()
			return s
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("Gitea does not answer: %s", log.String())
	return nil
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// environment gives Gitea a git configuration of its own: it writes to the global
// one, and as root would put a file in the place of /dev/null.
func (s *Server) environment() []string {
	dir := filepath.Dir(s.config)
	return append(os.Environ(), "HOME="+dir, "GIT_CONFIG_GLOBAL="+filepath.Join(dir, "gitconfig"))
}

func (s *Server) run(args ...string) string {
	s.t.Helper()
	cmd := exec.Command(s.program, append([]string{"--config", s.config}, args...)...)
	cmd.Env = s.environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("gitea %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

var lastWord = regexp.MustCompile(`[0-9a-f]{40}`)

// User makes an account and gives its token.
func (s *Server) User(name string) (token string) {
	s.t.Helper()
	out := s.run("admin", "user", "create", "--username", name, "--password", "Of-n0-worth", "--email", name+"@example.com",
		"--must-change-password=false", "--access-token", "--access-token-scopes", "all")
	return lastWord.FindString(out)
}

// Client is the server's own library, as an account.
func (s *Server) Client(token string) *gitea.Client {
	s.t.Helper()
	c, err := gitea.NewClient(s.URL, gitea.SetToken(token), gitea.SetContext(context.Background()), gitea.SetGiteaVersion(""))
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}
