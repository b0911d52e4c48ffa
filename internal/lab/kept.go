package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// unused is how long what no lab has used is kept.
const unused = 14 * 24 * time.Hour

// kept gives the folder KIND-KEY of the user's cache, which all labs of this machine
// share, and makes it first where it is not there. One lab makes it, and the others
// wait; it is there whole, or not at all. As long as this lab runs, none removes it.
func (l *lab) kept(ctx context.Context, kind, key string, make func(ctx context.Context, dir string) error) (string, error) {
	if err := os.MkdirAll(l.shared, 0o755); err != nil {
		return "", err
	}
	dir := filepath.Join(l.shared, kind+"-"+key)
	lock := flock.New(dir + ".lock")
	l.hold(lock)
	var there bool
	if err := wait(ctx, kind, func() (ok bool, err error) { there, ok, err = take(lock, dir); return ok, err }); err != nil {
		return "", err
	}
	if there {
		now := time.Now()
		return dir, os.Chtimes(dir, now, now)
	}
	// What is left of a lab that was killed goes first.
	half := dir + ".new"
	if err := os.RemoveAll(half); err != nil {
		return "", err
	}
	if err := os.Mkdir(half, 0o755); err != nil {
		return "", err
	}
	if err := make(ctx, half); err != nil {
		return "", err
	}
	if err := os.Rename(half, dir); err != nil {
		return "", err
	}
	l.forget(kind)
	return dir, lock.RLock()
}

// take takes a lock that others share where the folder is there, and else one for the
// maker alone. Those who have found the folder keep theirs, so that one who waits looks
// for it each time.
func take(lock *flock.Flock, dir string) (there, ok bool, err error) {
	if ok, err = lock.TryRLock(); err != nil || !ok {
		return false, false, err
	}
	if _, err := os.Stat(dir); err == nil {
		return true, true, nil
	}
	if err := lock.Unlock(); err != nil {
		return false, false, err
	}
	if ok, err = lock.TryLock(); err != nil || !ok {
		return false, false, err
	}
	if _, err := os.Stat(dir); err == nil { // another lab was faster
		return true, true, lock.RLock()
	}
	return false, true, nil
}

// hold keeps a lock as long as the lab runs.
func (l *lab) hold(lock *flock.Flock) {
	l.holding.Lock()
	defer l.holding.Unlock()
	l.locks = append(l.locks, lock)
}

// wait takes a lock, and says for what it waits.
func wait(ctx context.Context, what string, try func() (bool, error)) error {
	for said := false; ; said = true {
		switch ok, err := try(); {
		case err != nil:
			return fmt.Errorf("lock %s: %w", what, err)
		case ok:
			return nil
		}
		if !said {
			fmt.Fprintf(os.Stderr, "lab: waiting for another lab, which has the %s\n", what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// forget removes what no lab has used for long. What cannot be removed is left.
func (l *lab) forget(kind string) {
	all, _ := filepath.Glob(filepath.Join(l.shared, kind+"-*"))
	for _, dir := range all {
		info, err := os.Stat(dir)
		if err != nil || !info.IsDir() || strings.HasSuffix(dir, ".new") || time.Since(info.ModTime()) < unused {
			continue
		}
		lock := flock.New(dir + ".lock")
		if ok, err := lock.TryLock(); err == nil && ok {
			_ = os.RemoveAll(dir)
		}
		_ = lock.Close()
	}
}
