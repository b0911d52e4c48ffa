package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/overview"
	"github.com/drydock-dev/drydock/internal/campaign/queue"
	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// drain takes steps until nothing of a campaign is due, with a progress bar.
func (o *CampaignOptions) drain(ctx context.Context, w *works, name string) error {
	if err := w.store.Release(ctx, queue.IsDead); err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		o.watch(watching, w.store, name)
	}()
	err := w.queue.Drain(ctx, name)
	stop()
	<-stopped
	if ctx.Err() != nil {
		err = errors.New("interrupted: what was done is kept, and the same command goes on")
	}
	return err
}

// watch draws how many repositories were looked at.
func (o *CampaignOptions) watch(ctx context.Context, s *store.Store, name string) {
	p := newProgress(&Options{IO: o.IO, Quiet: o.Quiet}, 0)
	defer p.clear()
	for p.w != nil {
		select {
		case <-ctx.Done():
			return
		case <-time.After(500 * time.Millisecond):
		}
		c, err := s.Campaign(ctx, name)
		if err != nil {
			return
		}
		p.total = c.Total()
		p.at(p.total - c.Counts[store.Pending] - c.Counts[store.Opening])
	}
}

// lineOf tells where a repository stands.
func lineOf(r overview.Repository) string {
	parts := []string{fmt.Sprintf("%-8s", r.State), r.Name}
	if r.Pull != "" {
		parts = append(parts, r.Pull)
	}
	why := r.Error
	if why == "" {
		why = r.Reason
	}
	if why == "" && r.State == store.Planned {
		why = r.Title
	}
	if why != "" {
		parts = append(parts, "("+strings.Join(strings.Fields(why), " ")+")")
	}
	return strings.Join(parts, " ")
}

// barWidth is that of the bar of a status, in characters.
const barWidth = 40

// barOf draws the parts that are merged, open and due of all that are to be done.
func barOf(counts map[store.State]int) string {
	merged, open := counts[store.Merged], counts[store.Opened]+counts[store.Opening]
	due := counts[store.Planned] + counts[store.Pending] + counts[store.Failed]
	total := merged + open + due
	if total == 0 {
		return ""
	}
	full := barWidth * merged / total
	half := barWidth*(merged+open)/total - full
	return fmt.Sprintf("[%s%s%s] %d of %d merged, %d open", strings.Repeat("#", full), strings.Repeat("-", half), strings.Repeat(" ", barWidth-full-half), merged, total, open)
}

// printCounts prints the states and what is still needed.
func printCounts(w io.Writer, all *overview.Overview) {
	var parts []string
	for _, state := range store.States {
		if n := all.Counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	fmt.Fprintf(w, "%s: %s\n", all.Campaign, strings.Join(parts, ", "))
	for _, n := range all.Needs {
		fmt.Fprintf(w, "  %-20s still needed by %d of %d Dockerfiles, in %d repositories\n", n.Fixer, n.Dockerfiles, all.Dockerfiles, n.Repositories)
	}
}

// aside is where people read, while a diff may go elsewhere.
func (o *PlanOptions) aside() io.Writer {
	if o.Diff {
		return o.IO.Err
	}
	return o.IO.Out
}

// failures tells of the repositories that failed.
func (o *CampaignOptions) failures(all *overview.Overview) error {
	failed := false
	for _, r := range all.Repositories {
		if r.Error == "" {
			continue
		}
		failed = failed || r.State == store.Failed
		fmt.Fprintf(o.IO.Err, "drydock: %s: %s\n", r.Name, r.Error)
	}
	if failed {
		return errFailed
	}
	return nil
}
