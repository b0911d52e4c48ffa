package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// A base is a stand-in: a target of bases/Dockerfile and the images that it
// stands for.
type base struct {
	target string
	images []string
}

var bases = []base{
	{"debian", []string{"debian:bookworm-slim", "debian:bookworm"}},
	{"python-slim", []string{"python:3.11-slim", "python:3.11-slim-bookworm"}},
	{"python", []string{"python:3.11", "python:3.11-bookworm"}},
	{"ruby-slim", []string{"ruby:3.1-slim", "ruby:3.1-slim-bookworm"}},
	{"ruby", []string{"ruby:3.1", "ruby:3.1-bookworm"}},
	{"node-slim", []string{"node:20-slim", "node:20-bookworm-slim"}},
	{"node", []string{"node:20", "node:20-bookworm"}},
	{"golang", []string{"golang:1.26", "golang:1.26-bookworm"}},
	{"temurin-jre", []string{"eclipse-temurin:17-jre"}},
	{"temurin", []string{"eclipse-temurin:17-jdk"}},
	{"maven", []string{"maven:3.9-eclipse-temurin-17"}},
	{"rust", []string{"rust:1.63-bookworm"}},
	{"alpine", []string{"alpine:3.20"}},
	{"distroless", []string{"gcr.io/distroless/static-debian12:latest"}},
	{"distroless-nonroot", []string{"gcr.io/distroless/static-debian12:nonroot"}},
}

// bases makes the image layouts and the package indices that are not made yet.
func (l *lab) bases(ctx context.Context) error {
	stamp, err := hash(filepath.Join(l.recipes, "bases"), filepath.Join(l.recipes, "index"))
	if err != nil {
		return err
	}
	if known, err := os.ReadFile(filepath.Join(l.state, "bases.stamp")); err == nil && string(known) == stamp {
		return l.names()
	}
	flags, err := l.inputs(ctx)
	if err != nil {
		return err
	}
	index := filepath.Join(l.state, "index")
	if err := os.RemoveAll(index); err != nil {
		return err
	}
	if err := timed(ctx, "package indices", func(ctx context.Context) error {
		return l.make(ctx, flags, "index-files", "type=local,dest="+index)
	}); err != nil {
		return err
	}
	for _, b := range bases {
		if err := timed(ctx, b.images[0], func(ctx context.Context) error { return l.base(ctx, b, flags) }); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(l.state, "bases.stamp"), []byte(stamp), 0o644); err != nil {
		return err
	}
	return l.names()
}

// names writes the file ref of every layout: the names of its images, one a line.
func (l *lab) names() error {
	for _, b := range bases {
		if err := os.WriteFile(filepath.Join(l.state, "oci", b.target, "ref"), []byte(strings.Join(b.images, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// base makes a layout.
func (l *lab) base(ctx context.Context, b base, flags []string) error {
	dir := filepath.Join(l.state, "oci", b.target)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return l.make(ctx, flags, b.target, "type=oci,tar=false,compression=zstd,compression-level=1,dest="+dir)
}

// make builds a target of bases/Dockerfile.
func (l *lab) make(ctx context.Context, flags []string, target, output string) error {
	args := append([]string{"--addr", l.address(), "build", "--progress=plain", "--frontend", "dockerfile.v0", "--opt", "target=" + target, "--output", output}, flags...)
	return l.do(ctx, filepath.Join(l.bin, "buildctl"), args...)
}

// inputs stages what the bases take from this machine, and gives buildctl's flags
// for it.
func (l *lab) inputs(ctx context.Context) ([]string, error) {
	recipes := filepath.Join(l.recipes, "bases")
	dir := filepath.Join(l.state, "context")
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, os.DirFS(recipes)); err != nil {
		return nil, err
	}
	if err := os.Link(filepath.Join(l.state, "root.tar"), filepath.Join(dir, "root.tar")); err != nil {
		return nil, err
	}
	certificates := filepath.Join(l.state, "extraca")
	if err := os.MkdirAll(certificates, 0o755); err != nil {
		return nil, err
	}
	// This machine's own authorities, if it has any: its archive may need them.
	extra, err := filepath.Glob("/usr/local/share/ca-certificates/*.crt")
	if err != nil {
		return nil, err
	}
	for _, name := range extra {
		if err := l.do(ctx, "cp", name, certificates); err != nil {
			return nil, err
		}
	}
	node, version, err := l.node(ctx)
	if err != nil {
		return nil, err
	}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	flags := []string{
		"--local", "context=" + dir, "--local", "dockerfile=" + recipes,
		"--opt", "build-arg:INDEX=http://127.0.0.1:" + indexPort,
		"--opt", "build-arg:GOLANG_VERSION=" + strings.TrimPrefix(runtime.Version(), "go"),
		"--opt", "build-arg:NODE_VERSION=" + version,
	}
	for name, from := range map[string]string{
		"extraca": certificates, "hostnode": node, "hostgo": strings.TrimSpace(string(goroot)), "index": filepath.Join(l.recipes, "index"),
	} {
		flags = append(flags, "--local", name+"="+from, "--opt", "context:"+name+"=local:"+name)
	}
	return flags, nil
}

// node stages the machine's node and npm, so that only they travel.
func (l *lab) node(ctx context.Context) (dir, version string, err error) {
	program, err := exec.LookPath("node")
	if err != nil {
		return "", "", &unfitError{"it has no node"}
	}
	out, err := exec.CommandContext(ctx, program, "-v").Output()
	if err != nil {
		return "", "", fmt.Errorf("node -v: %w", err)
	}
	version = strings.TrimPrefix(strings.TrimSpace(string(out)), "v")
	if program, err = filepath.EvalSymlinks(program); err != nil {
		return "", "", err
	}
	dir = filepath.Join(l.state, "node-"+version)
	if _, err := os.Stat(dir); err == nil {
		return dir, version, nil
	}
	prefix := filepath.Dir(filepath.Dir(program))
	for _, d := range []string{"bin", "lib/node_modules"} {
		if err := os.MkdirAll(filepath.Join(dir+".new", d), 0o755); err != nil {
			return "", "", err
		}
	}
	if err := l.do(ctx, "cp", program, filepath.Join(dir+".new", "bin", "node")); err != nil {
		return "", "", err
	}
	if err := l.do(ctx, "cp", "-a", filepath.Join(prefix, "lib/node_modules/npm"), filepath.Join(dir+".new", "lib/node_modules/")); err != nil {
		return "", "", err
	}
	// The headers that native modules are built with, where the machine has them.
	if _, err := os.Stat(filepath.Join(prefix, "include", "node")); err == nil {
		if err := os.MkdirAll(filepath.Join(dir+".new", "include"), 0o755); err != nil {
			return "", "", err
		}
		if err := l.do(ctx, "cp", "-a", filepath.Join(prefix, "include", "node"), filepath.Join(dir+".new", "include/")); err != nil {
			return "", "", err
		}
	}
	// npm trusts what this machine trusts.
	for _, d := range []string{"etc", "share"} {
		if err := os.MkdirAll(filepath.Join(dir+".new", d), 0o755); err != nil {
			return "", "", err
		}
	}
	if err := l.do(ctx, "cp", "/etc/ssl/certs/ca-certificates.crt", filepath.Join(dir+".new", "share", "lab-ca.pem")); err != nil {
		return "", "", err
	}
	if err := os.WriteFile(filepath.Join(dir+".new", "etc", "npmrc"), []byte("cafile=/usr/local/share/lab-ca.pem\nupdate-notifier=false\n"), 0o644); err != nil {
		return "", "", err
	}
	return dir, version, os.Rename(dir+".new", dir)
}
