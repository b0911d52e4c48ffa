package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"
)

// cannotRun is the exit code for a machine that has no room for the lab, so that
// callers can tell it from a failure.
const cannotRun = 75

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	var exit *exec.ExitError
	var unfit *unfitError
	switch {
	case err == nil:
	case errors.As(err, &unfit):
		fmt.Fprintf(os.Stderr, "lab: this machine cannot run it: %v\n", err)
		os.Exit(cannotRun)
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		fmt.Fprintf(os.Stderr, "lab: %v\n", err)
		os.Exit(exit.ExitCode())
	default:
		fmt.Fprintf(os.Stderr, "lab: %v\n", err)
		os.Exit(1)
	}
}

// An unfitError says what the machine lacks.
type unfitError struct{ lacks string }

func (e *unfitError) Error() string { return e.lacks }

// fit says why the lab cannot run here.
func fit() error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return &unfitError{"it is no Linux on amd64"}
	}
	if os.Geteuid() != 0 {
		return &unfitError{"it needs root"}
	}
	for _, name := range []string{"apt-get", "node"} {
		if _, err := exec.LookPath(name); err != nil {
			return &unfitError{"it has no " + name}
		}
	}
	_, err := mirror()
	return err
}

// A lab is the folder with its own state, the one that all labs of the machine
// share, and the repository's with the recipes.
type lab struct {
	state   string
	shared  string
	recipes string

	holding sync.Mutex
	locks   []*flock.Flock // on what it uses of shared, as long as it runs

	bin  string // the folder of buildkitd and buildctl
	root string // the archive of a root file system
}

func run(ctx context.Context, command []string) error {
	started := time.Now()
	if err := fit(); err != nil || len(command) == 1 && command[0] == "-check" {
		return err
	}
	env := os.Environ()
	if len(command) > 1 && command[0] == "-within" {
		within, err := time.ParseDuration(command[1])
		if err != nil {
			return fmt.Errorf("-within: %w", err)
		}
		command, env = command[2:], append(env, "DRYDOCK_LAB_UNTIL="+started.Add(within).Format(time.RFC3339))
	}
	l := &lab{state: os.Getenv("DRYDOCK_LAB"), recipes: filepath.Join("internal", "lab")}
	if _, err := os.Stat(filepath.Join(l.recipes, "bases")); err != nil {
		return fmt.Errorf("it runs in the repository's root: %w", err)
	}
	if l.state == "" {
		l.state = ".lab"
	}
	var err error
	if l.state, err = filepath.Abs(l.state); err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	l.shared = filepath.Join(cache, "drydock", "lab")
	if err := os.MkdirAll(l.state, 0o755); err != nil {
		return err
	}
	own := flock.New(filepath.Join(l.state, "lock"))
	if err := wait(ctx, l.state, own.TryLock); err != nil {
		return err
	}
	defer own.Close()
	if err := timed(ctx, "packages", l.packages); err != nil {
		return err
	}
	both, setup := errgroup.WithContext(ctx)
	both.Go(func() error { return timed(setup, "BuildKit", l.buildkit) })
	both.Go(func() error { return timed(setup, "root file system", l.rootfs) })
	if err := both.Wait(); err != nil {
		return err
	}
	stop, err := l.daemon(ctx)
	if err != nil {
		return err
	}
	defer stop()
	var made string
	if err := timed(ctx, "bases", func(ctx context.Context) (err error) {
		made, err = l.bases(ctx)
		return err
	}); err != nil {
		return err
	}
	url, closeIndex, err := l.serveIndex(filepath.Join(made, "index"))
	if err != nil {
		return err
	}
	defer closeIndex()
	if err := l.layouts(made, url); err != nil {
		return err
	}
	if len(command) == 0 {
		return nil
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	cmd.Env = append(env, "BUILDKIT_HOST="+l.address(), "DRYDOCK_LAB="+l.state)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// timed runs a step and says how long it took, if that was long.
func timed(ctx context.Context, name string, step func(context.Context) error) error {
	start := time.Now()
	if err := step(ctx); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if took := time.Since(start); took > time.Second {
		fmt.Fprintf(os.Stderr, "lab: %s: %.1f s\n", name, took.Seconds())
	}
	return nil
}
