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
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// needed are the lab's Debian packages by a program of each.
var needed = map[string]string{"mmdebstrap": "mmdebstrap", "runc": "runc"}

// packages installs what is missing.
func (l *lab) packages(ctx context.Context) error {
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
	key, err := hash(tools)
	if err != nil {
		return err
	}
	l.bin, err = l.kept(ctx, "buildkit", short(key, runtime.Version()), func(ctx context.Context, dir string) error {
		cmd := exec.CommandContext(ctx, "go", "build", "-C", tools, "-ldflags", "-s -w", "-o", dir+"/",
			"github.com/moby/buildkit/cmd/buildctl", "github.com/moby/buildkit/cmd/buildkitd")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
		cmd.Stderr = os.Stderr
		return cmd.Run()
	})
	return err
}

// rootfs makes root.tar, a small Debian without devices, from this machine's own
// archive.
func (l *lab) rootfs(ctx context.Context) error {
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
	sources := []string{"deb " + mirror + " bookworm main", "deb " + mirror + " bookworm-updates main", "deb " + mirror + "-security bookworm-security main"}
	key := short(append(slices.Clone(args), sources...)...)
	dir, err := l.kept(ctx, "root", key, func(ctx context.Context, dir string) error {
		return l.do(ctx, "mmdebstrap", slices.Concat(args, []string{"bookworm", filepath.Join(dir, "root.tar")}, sources)...)
	})
	l.root = filepath.Join(dir, "root.tar")
	return err
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

// serveIndex serves the package indices to the builds, at a port that the kernel
// gives. The next time it is the same one if that is still free, as it is written
// into the bases and what is built on them is in the builder's cache.
func (l *lab) serveIndex(dir string) (url string, stop func(), err error) {
	known := filepath.Join(l.state, "index.address")
	address := "127.0.0.1:0"
	if last, err := os.ReadFile(known); err == nil {
		address = string(last)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return "", nil, fmt.Errorf("serve the package indices: %w", err)
	}
	address = listener.Addr().String()
	if err := os.WriteFile(known, []byte(address), 0o644); err != nil {
		listener.Close()
		return "", nil, err
	}
	server := &http.Server{Handler: http.FileServer(http.Dir(dir)), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	return "http://" + address, func() { _ = server.Close() }, nil
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

// short is a key of some texts.
func short(texts ...string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(texts, "\x00"))))[:12]
}

// hash is one of the files below some folders, for keys.
func hash(dirs ...string) (string, error) {
	h := sha256.New()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if os.IsNotExist(err) && path == dir {
				return nil
			}
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
