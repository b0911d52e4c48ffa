package builder

import (
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

func none(string) string { return "" }

func TestAnAddressThatDoesNotAnswerIsNamed(t *testing.T) {
	gone := "unix://" + filepath.Join(t.TempDir(), "none.sock")
	if _, err := Find(t.Context(), Options{Address: gone, Getenv: none}); err == nil || !strings.Contains(err.Error(), "--builder "+gone) {
		t.Errorf("%v", err)
	}
	if _, err := Find(t.Context(), Options{Getenv: func(name string) string {
		return map[string]string{"BUILDKIT_HOST": gone}[name]
	}}); err == nil || !strings.Contains(err.Error(), "BUILDKIT_HOST "+gone) {
		t.Errorf("%v", err)
	}
}

func TestWithoutBuilderAllThatWasTriedIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Find(t.Context(), Options{Getenv: func(name string) string {
		return map[string]string{"DOCKER_HOST": "unix:///nowhere/docker.sock"}[name]
	}})
	var missing *NoneError
	if !errors.As(err, &missing) {
		t.Skipf("this machine has a builder: %v", err)
	}
	for _, name := range []string{"docker", "podman", "buildah"} {
		if !strings.Contains(err.Error(), "\n  "+name+": ") {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}

// A server that is no Docker gets no further than its first line.
func TestUpgradeNeedsAnAnswer(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
			c.Close()
		}
	}()
	_, err = Find(t.Context(), Options{Address: "docker", Getenv: func(name string) string {
		return map[string]string{"DOCKER_HOST": "unix://" + l.Addr().String()}[name]
	}})
	if err == nil || !strings.Contains(err.Error(), "--builder docker") {
		t.Errorf("%v", err)
	}
}
