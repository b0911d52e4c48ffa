package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// A folder has the files of campaigns, which the database follows: a new one is
// planned, and one that was changed goes on as it says now.
type folder struct {
	o      *ServeOptions
	works  *works
	logger *slog.Logger

	files map[string]file // what was taken over, by its path

	mu       sync.Mutex
	problems []string
}

// A file is what was last seen of one.
type file struct {
	text    string
	problem string // "" if the database has it
	wait    time.Duration
	again   time.Time // when it is tried again
}

const (
	folderEvery = 10 * time.Second // that the files are read
	firstAgain  = 20 * time.Second // after a failure, which may have asked the forge for a list
	lastAgain   = 10 * time.Minute
)

// Problems lists what is wrong with the files.
func (f *folder) Problems() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.problems)
}

// watch takes the files over until the context ends.
func (f *folder) watch(ctx context.Context) error {
	if f.o.Campaigns == "" {
		<-ctx.Done()
		return nil
	}
	for {
		problems := f.read(ctx)
		f.mu.Lock()
		for _, p := range problems {
			if !slices.Contains(f.problems, p) {
				f.logger.Warn("a campaign's file", "problem", p)
			}
		}
		f.problems = problems
		f.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(folderEvery):
		}
	}
}

// read takes over what has changed, and lists what is wrong.
func (f *folder) read(ctx context.Context) (problems []string) {
	if _, err := os.Stat(f.o.Campaigns); err != nil {
		return []string{fmt.Sprintf("--campaigns: %v", err)}
	}
	paths, err := filepath.Glob(filepath.Join(f.o.Campaigns, "*.y*ml"))
	if err != nil {
		return []string{fmt.Sprintf("--campaigns: %v", err)}
	}
	if f.files == nil {
		f.files = map[string]file{}
	}
	from := map[string]string{} // the files by the names of their campaigns
	for _, path := range paths {
		c, text, err := f.o.read(path)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		if other := from[c.Name]; other != "" {
			problems = append(problems, fmt.Sprintf("%s: the campaign %s is in %s already", path, c.Name, other))
			continue
		}
		from[c.Name] = path
		for _, note := range c.Notes(f.works.ceiling, names(f.o.Fixers)) {
			problems = append(problems, path+": "+note)
		}
		seen := f.files[path]
		if seen.text == text && seen.problem == "" {
			continue
		}
		if seen.text != text || !time.Now().Before(seen.again) {
			seen = f.take(ctx, path, c, text, seen)
			f.files[path] = seen
		}
		if seen.problem != "" {
			problems = append(problems, fmt.Sprintf("%s: %s; it is tried again", path, seen.problem))
		}
	}
	return problems
}

// take brings the database to what a file says. What failed is tried again after a
// time that doubles.
func (f *folder) take(ctx context.Context, path string, c *spec.Campaign, text string, was file) file {
	err := f.adopt(ctx, path, c, text)
	if err == nil || ctx.Err() != nil {
		return file{text: text}
	}
	wait := firstAgain
	if was.text == text && was.wait > 0 {
		wait = min(2*was.wait, lastAgain)
	}
	return file{text: text, problem: err.Error(), wait: wait, again: time.Now().Add(wait)}
}

func (f *folder) adopt(ctx context.Context, path string, c *spec.Campaign, text string) error {
	row, err := f.works.store.Row(ctx, c.Name)
	stage := row.Stage
	if errors.Is(err, store.ErrNotFound) {
		stage, err = store.Planning, nil
	}
	if err != nil || row.Spec == text {
		return err
	}
	return f.works.begin(ctx, path, c.Name, c, text, stage)
}
