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

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// A folder has the files of campaigns, which the database follows: a new one is
// planned, and one that was changed goes on as it says now.
type folder struct {
	o      *ServeOptions
	works  *works
	logger *slog.Logger

	taken map[string]string // what was taken over, by its path

	mu       sync.Mutex
	problems []string
}

// folderEvery is how often the files are read.
const folderEvery = 10 * time.Second

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
		if f.taken[path] == text {
			continue
		}
		if err := f.take(ctx, path, c.Name, text); err != nil && ctx.Err() == nil {
			problems = append(problems, fmt.Sprintf("%s: %v; it is tried again", path, err))
			continue
		}
		if f.taken == nil {
			f.taken = map[string]string{}
		}
		f.taken[path] = text
	}
	return problems
}

// take brings the database to what a file says.
func (f *folder) take(ctx context.Context, path, name, text string) error {
	row, err := f.works.store.Row(ctx, name)
	stage := row.Stage
	if errors.Is(err, store.ErrNotFound) {
		stage, err = store.Planning, nil
	}
	if err != nil || row.Spec == text {
		return err
	}
	c, _, err := f.o.read(path)
	if err != nil {
		return err
	}
	return f.works.begin(ctx, path, name, c, text, stage)
}
