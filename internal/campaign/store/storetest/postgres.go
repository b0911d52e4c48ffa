//go:build unix

// Package storetest gives tests databases.
package storetest

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Postgres starts a PostgreSQL in a folder of its own, without a network, until
// the test ends, and gives a function that makes databases there and gives their
// addresses. Where it cannot be, the test is skipped, aloud.
func Postgres(t testing.TB) (database func() string) {
	t.Helper()
	bin, err := programs()
	if err != nil {
		t.Skipf("NOT TESTED ON POSTGRESQL: %v (Debian has it in the package postgresql)", err)
	}
	owner, err := owner()
	if err != nil {
		t.Skipf("NOT TESTED ON POSTGRESQL: %v", err)
	}
	dir, err := os.MkdirTemp("", "drydock-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
		t.Fatal(err)
	}
	p := postgres{bin: bin, dir: dir, owner: owner}
	p.start(t)
	made := 0
	return func() string {
		made++
		name := fmt.Sprintf("drydock%d", made)
		if err := p.psql("CREATE DATABASE " + name); err != nil {
			t.Fatal(err)
		}
		// A space is %20 to PostgreSQL's clients; + is itself.
		at := url.Values{"host": {p.dir}, "user": {"drydock"}, "sslmode": {"disable"}}.Encode()
		return fmt.Sprintf("postgres:///%s?%s", name, strings.ReplaceAll(at, "+", "%20"))
	}
}

// A postgres is a server in a folder, which has its socket too.
type postgres struct {
	bin, dir string
	owner    *syscall.Credential
}

// command is one of PostgreSQL's programs, run by the server's owner.
func (p postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir, cmd.Env = p.dir, []string{"LC_ALL=C", "PATH=" + p.bin, "HOME=" + p.dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = p.owner
	}
	return cmd
}

// start runs the server until the test ends, and waits until it answers.
func (p postgres) start(t testing.TB) {
	t.Helper()
	data := filepath.Join(p.dir, "data")
	if out, err := p.command("initdb", "-N", "-A", "trust", "-U", "drydock", "-D", data).CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	log, err := os.Create(filepath.Join(p.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	server := p.command("postgres", "-D", data, "-k", p.dir, "-c", "listen_addresses=", "-c", "fsync=off")
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGQUIT)
		server.Wait()
	})
	for wait := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		err := p.psql("SELECT 1")
		if err == nil {
			return
		}
		if time.Now().After(wait) {
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("PostgreSQL does not answer: %v\n%s", err, said)
		}
	}
}

// psql runs a statement.
func (p postgres) psql(statement string) error {
	out, err := p.command("psql", "-h", p.dir, "-U", "drydock", "-d", "postgres", "-c", statement).CombinedOutput()
	if err != nil {
		return fmt.Errorf("psql: %w: %s", err, out)
	}
	return nil
}

// programs finds the folder of PostgreSQL's programs, which Debian keeps off the
// PATH.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err == nil && len(found) > 0 {
		return filepath.Dir(slices.Max(found)), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("there is no initdb")
	}
	real, err := filepath.EvalSymlinks(path)
	return filepath.Dir(real), err
}

// owner is whom the server runs as, since it does not as root.
func owner() (*syscall.Credential, error) {
	if uid := os.Getuid(); uid != 0 {
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(os.Getgid())}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("there is no account but root's to run it")
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}
