package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

// A base is a stand-in: a target of bases/Dockerfile and the images that it
// stands for.
type base struct {
	target string
	images []string
	// index are files that say where the package index is, by their paths; %s is its
	// URL. They are not in what the labs share.
	index map[string]string
	also  variant
}

// A variant is the same stand-in under the names PREFIX/IMAGE, with other files in
// the place of index.
type variant struct {
	prefix string
	files  map[string]string
}

var pip = map[string]string{"/etc/pip.conf": "[global]\nindex-url = %s/simple/\ndisable-pip-version-check = true\n"}

var gem = map[string]string{
	"/usr/local/bundle/config": "---\nBUNDLE_MIRROR__ALL: \"%s/gems/\"\n",
	"/etc/gemrc":               "---\n:sources:\n- %s/gems/\n",
}

var (
	// pipOnline leaves the package index to pip, as the official image does.
	pipOnline = variant{"online", map[string]string{"/etc/pip.conf": "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\ndisable-pip-version-check = true\n"}}
	// gopath builds without modules, as Go did before 1.13 by default. See
	// https://go.dev/wiki/GOPATH#gopath-development-mode.
	gopath = variant{"gopath", map[string]string{"/root/.config/go/env": "GO111MODULE=off\n"}}
)

var bases = []base{
	{"debian", []string{"debian:bookworm-slim", "debian:bookworm"}, nil, variant{}},
	{"python-slim", []string{"python:3.11-slim", "python:3.11-slim-bookworm"}, pip, pipOnline},
	{"python", []string{"python:3.11", "python:3.11-bookworm"}, pip, pipOnline},
	{"ruby-slim", []string{"ruby:3.1-slim", "ruby:3.1-slim-bookworm"}, gem, variant{}},
	{"ruby", []string{"ruby:3.1", "ruby:3.1-bookworm"}, gem, variant{}},
	{"node-slim", []string{"node:20-slim", "node:20-bookworm-slim"}, nil, variant{}},
	{"node", []string{"node:20", "node:20-bookworm"}, nil, variant{}},
	{"golang", []string{"golang:1.26", "golang:1.26-bookworm"}, nil, gopath},
	{"temurin-jre", []string{"eclipse-temurin:17-jre"}, nil, variant{}},
	{"temurin", []string{"eclipse-temurin:17-jdk"}, nil, variant{}},
	{"maven", []string{"maven:3.9-eclipse-temurin-17"}, nil, variant{}},
	{"rust", []string{"rust:1.96-bookworm"}, nil, variant{}},
	{"alpine", []string{"alpine:3.20"}, nil, variant{}},
	{"distroless", []string{"gcr.io/distroless/static-debian12:latest"}, nil, variant{}},
	{"distroless-nonroot", []string{"gcr.io/distroless/static-debian12:nonroot"}, nil, variant{}},
}

// bases gives the folder with the image layouts and the package indices, which are
// made once for all labs of this machine. They last as long as what they are made
// from is the same.
func (l *lab) bases(ctx context.Context) (string, error) {
	version, err := nodeVersion(ctx)
	if err != nil {
		return "", err
	}
	key, err := hash(filepath.Join(l.recipes, "bases"), filepath.Join(l.recipes, "index"), certificates)
	if err != nil {
		return "", err
	}
	key = short(key, filepath.Base(filepath.Dir(l.root)), version, runtime.Version(), fmt.Sprint(bases))
	return l.kept(ctx, "bases", key, func(ctx context.Context, dir string) error {
		flags, err := l.inputs(ctx, version)
		if err != nil {
			return err
		}
		defer os.RemoveAll(l.staging())
		// Most of it is one package unpacked after the other.
		two, ctx := errgroup.WithContext(ctx)
		two.SetLimit(2)
		two.Go(func() error {
			return timed(ctx, "package indices", func(ctx context.Context) error {
				return l.make(ctx, flags, "index-files", "type=local,dest="+filepath.Join(dir, "index"))
			})
		})
		for _, b := range bases {
			two.Go(func() error {
				return timed(ctx, b.images[0], func(ctx context.Context) error {
					return l.make(ctx, flags, b.target, "type=oci,tar=false,compression=zstd,compression-level=1,dest="+filepath.Join(dir, "oci", b.target))
				})
			})
		}
		return two.Wait()
	})
}

// layouts puts the image layouts into the lab's own folder, with the address of the
// package index in those that have one, and beside each the file ref: the names of
// its images, one a line.
func (l *lab) layouts(shared, index string) error {
	own := filepath.Join(l.state, "oci")
	if err := os.RemoveAll(own); err != nil {
		return err
	}
	for _, b := range bases {
		files := map[string]string{}
		for name, text := range b.index {
			files[name] = fmt.Sprintf(text, index)
		}
		from := filepath.Join(shared, "oci", b.target)
		if err := layout(from, filepath.Join(own, b.target), files, b.images); err != nil {
			return err
		}
		if b.also.prefix == "" {
			continue
		}
		var images []string
		for _, name := range b.images {
			images = append(images, b.also.prefix+"/"+name)
		}
		if err := layout(from, filepath.Join(own, b.target+"-"+b.also.prefix), b.also.files, images); err != nil {
			return err
		}
	}
	return nil
}

// layout makes an image layout with more files, and the names of its images.
func layout(from, dir string, files map[string]string, images []string) error {
	if err := addressed(from, dir, files); err != nil {
		return fmt.Errorf("the layout %s: %w", filepath.Base(dir), err)
	}
	return os.WriteFile(filepath.Join(dir, "ref"), []byte(strings.Join(images, "\n")+"\n"), 0o644)
}

// make builds a target of bases/Dockerfile.
func (l *lab) make(ctx context.Context, flags []string, target, output string) error {
	args := append([]string{"--addr", l.address(), "build", "--progress=plain", "--frontend", "dockerfile.v0", "--opt", "target=" + target, "--output", output}, flags...)
	return l.do(ctx, filepath.Join(l.bin, "buildctl"), args...)
}

// certificates are this machine's own authorities, if it has any: its archive may
// need them.
const certificates = "/usr/local/share/ca-certificates"

// staging is the folder of what bases are made from, as long as they are made.
func (l *lab) staging() string { return filepath.Join(l.state, "staging") }

// inputs stages what the bases take from this machine, and gives buildctl's flags
// for it.
func (l *lab) inputs(ctx context.Context, nodeVersion string) ([]string, error) {
	recipes := filepath.Join(l.recipes, "bases")
	dir := filepath.Join(l.staging(), "context")
	if err := os.RemoveAll(l.staging()); err != nil { // of a lab that was killed
		return nil, err
	}
	if err := os.CopyFS(dir, os.DirFS(recipes)); err != nil {
		return nil, err
	}
	if err := l.do(ctx, "cp", "--reflink=auto", l.root, filepath.Join(dir, "root.tar")); err != nil {
		return nil, err
	}
	extra := filepath.Join(l.staging(), "extraca")
	if err := os.MkdirAll(extra, 0o755); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(certificates, "*.crt"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := l.do(ctx, "cp", name, extra); err != nil {
			return nil, err
		}
	}
	node, err := l.node(ctx, nodeVersion)
	if err != nil {
		return nil, err
	}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	flags := []string{
		"--local", "context=" + dir, "--local", "dockerfile=" + recipes,
		"--opt", "build-arg:GOLANG_VERSION=" + strings.TrimPrefix(runtime.Version(), "go"),
		"--opt", "build-arg:NODE_VERSION=" + nodeVersion,
	}
	for name, from := range map[string]string{
		"extraca": extra, "hostnode": node, "hostgo": strings.TrimSpace(string(goroot)), "index": filepath.Join(l.recipes, "index"),
	} {
		flags = append(flags, "--local", name+"="+from, "--opt", "context:"+name+"=local:"+name)
	}
	return flags, nil
}

// nodeVersion is that of the machine's node.
func nodeVersion(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "node", "-v").Output()
	if err != nil {
		return "", fmt.Errorf("node -v: %w", err)
	}
	return strings.TrimPrefix(strings.TrimSpace(string(out)), "v"), nil
}

// node stages the machine's node and npm, so that only they travel.
func (l *lab) node(ctx context.Context, version string) (dir string, err error) {
	program, err := exec.LookPath("node")
	if err != nil {
		return "", &unfitError{"it has no node"}
	}
	if program, err = filepath.EvalSymlinks(program); err != nil {
		return "", err
	}
	dir = filepath.Join(l.staging(), "node")
	prefix := filepath.Dir(filepath.Dir(program))
	for _, d := range []string{"bin", "lib/node_modules"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return "", err
		}
	}
	if err := l.do(ctx, "cp", program, filepath.Join(dir, "bin", "node")); err != nil {
		return "", err
	}
	if err := l.do(ctx, "cp", "-a", filepath.Join(prefix, "lib/node_modules/npm"), filepath.Join(dir, "lib/node_modules/")); err != nil {
		return "", err
	}
	// The headers that native modules are built with, where the machine has them.
	if _, err := os.Stat(filepath.Join(prefix, "include", "node")); err == nil {
		if err := os.MkdirAll(filepath.Join(dir, "include"), 0o755); err != nil {
			return "", err
		}
		if err := l.do(ctx, "cp", "-a", filepath.Join(prefix, "include", "node"), filepath.Join(dir, "include/")); err != nil {
			return "", err
		}
	}
	// npm trusts what this machine trusts.
	for _, d := range []string{"etc", "share"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return "", err
		}
	}
	if err := l.do(ctx, "cp", "/etc/ssl/certs/ca-certificates.crt", filepath.Join(dir, "share", "lab-ca.pem")); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "etc", "npmrc"), []byte("cafile=/usr/local/share/lab-ca.pem\nupdate-notifier=false\n"), 0o644); err != nil {
		return "", err
	}
	return dir, nil
}
