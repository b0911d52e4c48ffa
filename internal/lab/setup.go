package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// indexPort is where the package indices are served while the lab runs. It is
// written into the bases.
const indexPort = "8190"

// needed are the lab's Debian packages by a program of each.
var needed = map[string]string{"mmdebstrap": "mmdebstrap", "runc": "runc"}

// packages installs what is missing.
func (l *lab) packages(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(l.state, "oci"), 0o755); err != nil {
		return err
	}
	var missing []string
	for program, name := range needed {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := l.do(ctx, "apt-get", "update", "-qq"); err != nil {
		return &unfitError{err.Error()}
	}
	return l.do(ctx, "apt-get", append([]string{"install", "-y", "-qq", "--no-install-recommends"}, missing...)...)
}

// buildkit builds the daemon and its client, once for each state of the module.
func (l *lab) buildkit(ctx context.Context) error {
	tools := filepath.Join(l.recipes, "tools")
	stamp, err := hash(tools)
	if err != nil {
		return err
	}
	l.bin = filepath.Join(l.state, "bin-"+stamp)
	for _, name := range []string{"buildctl", "buildkitd"} {
		out := filepath.Join(l.bin, name)
		if _, err := os.Stat(out); err == nil {
			continue
		}
		cmd := exec.CommandContext(ctx, "go", "build", "-C", tools, "-ldflags", "-s -w", "-o", out, "github.com/moby/buildkit/cmd/"+name)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("go build %s: %w", name, err)
		}
	}
	return nil
}

// rootfs makes root.tar, a small Debian without devices, from this machine's own
// archive.
func (l *lab) rootfs(ctx context.Context) error {
	out := filepath.Join(l.state, "root.tar")
	if _, err := os.Stat(out); err == nil {
		return nil
	}
	mirror, err := mirror()
	if err != nil {
		return err
	}
	args := []string{
		// The builder makes the devices; "tar --delete" behind it leaves a broken archive at times.
		"--quiet", "--variant=minbase", "--dpkgopt=force-unsafe-io", "--skip=output/dev",
		`--aptopt=Acquire::Languages "none"`, `--aptopt=Acquire::GzipIndexes "true"`,
		`--aptopt=DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; }`,
		`--customize-hook=rm -f "$1"/etc/resolv.conf "$1"/etc/hostname`,
	}
	for _, dir := range []string{"doc", "man", "locale", "info", "groff", "lintian"} {
		args = append(args, "--dpkgopt=path-exclude=/usr/share/"+dir+"/*")
	}
	args = append(args, "bookworm", out+".new.tar", "deb "+mirror+" bookworm main", "deb "+mirror+" bookworm-updates main", "deb "+mirror+"-security bookworm-security main")
	if err := l.do(ctx, "mmdebstrap", args...); err != nil {
		return err
	}
	return os.Rename(out+".new.tar", out)
}

// mirror is the archive that apt uses on this machine.
func mirror() (string, error) {
	files, err := filepath.Glob("/etc/apt/sources.list.d/*.sources")
	if err != nil {
		return "", err
	}
	for _, name := range append(files, "/etc/apt/sources.list") {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) > 1 && (fields[0] == "URIs:" || fields[0] == "deb" && strings.HasPrefix(fields[1], "http")) {
				return strings.TrimSuffix(fields[1], "/"), nil
			}
		}
	}
	return "", &unfitError{"apt has no archive"}
}

// address is where the daemon listens.
func (l *lab) address() string { return "unix://" + filepath.Join(l.state, "buildkit.sock") }

// daemon starts BuildKit and waits until it answers. stop ends it.
func (l *lab) daemon(ctx context.Context) (stop func(), err error) {
	log, err := os.Create(filepath.Join(l.state, "buildkitd.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(l.bin, "buildkitd"), "--root", filepath.Join(l.state, "buildkit"), "--addr", l.address(),
		"--oci-worker=true", "--oci-worker-binary=runc", "--oci-worker-net=host", "--containerd-worker=false")
	cmd.Stdout, cmd.Stderr = log, log
	// Its own group, so that an interrupt at the terminal does not take it from
	// the command that still uses it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-done
		}
	}
	for range 100 {
		if exec.CommandContext(ctx, filepath.Join(l.bin, "buildctl"), "--addr", l.address(), "debug", "workers").Run() == nil {
			return stop, nil
		}
		select {
		case err := <-done:
			return nil, fmt.Errorf("buildkitd ended: %v; see %s", err, log.Name())
		case <-ctx.Done():
			stop()
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	stop()
	return nil, fmt.Errorf("buildkitd does not answer; see %s", log.Name())
}

// serveIndex serves the package indices to the builds.
func (l *lab) serveIndex() (stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:"+indexPort)
	if err != nil {
		return nil, fmt.Errorf("serve the package indices: %w", err)
	}
	server := &http.Server{Handler: http.FileServer(http.Dir(filepath.Join(l.state, "index"))), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}

// do runs a program and gives its last words with the error.
func (l *lab) do(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out[max(0, len(out)-3000):])
	}
	return nil
}

// hash is one of the files below some folders, for stamps.
func hash(dirs ...string) (string, error) {
	h := sha256.New()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			fmt.Fprintf(h, "%s\x00", path)
			_, err = io.Copy(h, f)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:6]), nil
}
