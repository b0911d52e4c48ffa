package aptkeyring_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/fixers/aptkeyring"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
)

// apt trusts a repository by the keyring that the rewritten RUN makes, with the
// machine's own gpg and apt, and a key server and repository of the test's.
func TestAptTrustsKeyring(t *testing.T) {
	for _, tool := range []string{"apt-get", "gpg", "dirmngr", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	r := newRepository(t)
	for name, run := range map[string]string{
		"key server": "apt-key adv --keyserver hkp://" + r.host + " --recv-keys " + r.fingerprint,
		"fetched":    "apt-key adv --fetch-keys " + r.url + "/key.asc",
		"piped":      "curl -s " + r.url + "/key.gpg | apt-key add -",
		"armored":    "curl -s " + r.url + "/key.asc | apt-key add -",
	} {
		t.Run(name, func(t *testing.T) {
			text := "FROM debian:bookworm\nRUN apt-get install -y gnupg curl ca-certificates\nRUN " + run +
				" && echo \"deb " + r.url + " stable main\" > /etc/apt/sources.list.d/test.list\n"
			result, err := engine.Run(context.Background(), engine.Input{Name: "Dockerfile", Text: text}, []fix.Fixer{aptkeyring.Fixer})
			if err != nil {
				t.Fatal(err)
			}
			_, script, _ := strings.Cut(result.Text, "ca-certificates\nRUN ")
			if strings.Contains(script, "apt-key") {
				t.Fatalf("not rewritten:\n%s", result.Text)
			}
			root := newRoot(t)
			// Of a machine's /tmp the key server's socket may be another user's.
			script = strings.ReplaceAll(script, "--homedir /tmp ", "--homedir "+gpgHome(t)+" ")
			mustRun(t, "sh", "-c", strings.ReplaceAll(script, "/etc/apt/", root+"/etc/apt/"))
			if out, err := aptUpdate(root); err != nil || strings.Contains(out, "W:") || strings.Contains(out, "E:") {
				t.Errorf("%s\napt-get update: %v\n%s", script, err, out)
			}
		})
	}
	t.Run("without key", func(t *testing.T) {
		root := newRoot(t)
		line := "deb " + r.url + " stable main\n"
		if err := os.WriteFile(root+"/etc/apt/sources.list.d/test.list", []byte(line), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := aptUpdate(root); err == nil && !strings.Contains(out, "NO_PUBKEY") {
			t.Errorf("apt trusts the repository without key:\n%s", out)
		}
	})
}

// newRoot makes the folders that apt wants below its root.
func newRoot(t *testing.T) string {
	root := t.TempDir()
	for dir := root; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		_ = os.Chmod(dir, 0o755) // for apt's user _apt
	}
	for _, dir := range []string{"etc/apt/sources.list.d", "etc/apt/trusted.gpg.d", "etc/apt/preferences.d", "etc/apt/apt.conf.d", "etc/apt/keyrings", "var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/lib/dpkg"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(root+"/var/lib/dpkg/status", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

func aptUpdate(root string) (string, error) {
	out, err := exec.Command("apt-get", "-o", "Dir="+root, "-o", "Dir::State::status="+root+"/var/lib/dpkg/status",
		"-o", "APT::Architecture=amd64", "-o", "APT::Architectures=amd64", "-o", "Acquire::Languages=none", "-o", "Acquire::http::Proxy=DIRECT",
		"update").CombinedOutput()
	return string(out), err
}

func mustRun(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "no_proxy=127.0.0.1", "http_proxy=", "https_proxy=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// gpgHome makes a home for gpg, whose servers end with the test.
func gpgHome(t *testing.T) string {
	home, err := os.MkdirTemp("", "gpg") // short, for the sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		_ = os.RemoveAll(home)
	})
	return home
}

// A repository is a signed apt repository without packages, on a server that
// answers as a key server too.
type repository struct{ url, host, fingerprint string }

func newRepository(t *testing.T) repository {
	home := gpgHome(t)
	gpg := func(args ...string) string {
		return mustRun(t, "gpg", append([]string{"--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""}, args...)...)
	}
	gpg("--quick-gen-key", "Test <test@example.com>", "rsa2048", "sign", "never")
	var fingerprint string
	for line := range strings.SplitSeq(gpg("--with-colons", "--list-keys"), "\n") {
		if rest, ok := strings.CutPrefix(line, "fpr:::::::::"); ok {
			fingerprint = strings.TrimSuffix(rest, ":")
		}
	}
	files := t.TempDir()
	release := fmt.Sprintf("Suite: stable\nCodename: stable\nDate: %s\nArchitectures: amd64\nComponents: main\nSHA256:\n %s 0 main/binary-amd64/Packages\n",
		"Wed, 25 Nov 2020 00:00:00 UTC", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	for name, text := range map[string]string{"Release": release, "Packages": ""} {
		if err := os.WriteFile(filepath.Join(files, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	gpg("--output", files+"/InRelease", "--clear-sign", files+"/Release")
	gpg("--output", files+"/key.asc", "--armor", "--export", fingerprint)
	gpg("--output", files+"/key.gpg", "--export", fingerprint)

	mux := http.NewServeMux()
	for path, file := range map[string]string{
		"/pks/lookup": "key.asc", "/key.asc": "key.asc", "/key.gpg": "key.gpg",
		"/dists/stable/InRelease": "InRelease", "/dists/stable/main/binary-amd64/Packages": "Packages",
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, q *http.Request) { http.ServeFile(w, q, filepath.Join(files, file)) })
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return repository{url: server.URL, host: strings.TrimPrefix(server.URL, "http://"), fingerprint: fingerprint}
}
