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
	"github.com/drydock-dev/drydock/internal/campaign/spec"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/report"
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
	return report.OneLine(strings.Join(parts, " "))
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
		fmt.Fprintf(w, "  %-20s still needed by %d of %d Dockerfiles, in %s\n", n.Fixer, n.Dockerfiles, all.Dockerfiles, repositoryCount(n.Repositories))
	}
}

// isWaiting reports whether a repository is one of those that printWaits counts.
func isWaiting(r overview.Repository) bool { return r.State == store.Planned && r.Reason != "" }

// printWaits tells why pull requests that are due are not opened, and when that may be.
func printWaits(ctx context.Context, w io.Writer, s *store.Store, of *overview.Overview) error {
	all, err := s.Waits(ctx, of.Campaign)
	for _, one := range all {
		fmt.Fprintf(w, "  %d wait: %s", one.Repositories, report.OneLine(one.Why))
		if of.Paused == "" && !one.Until.IsZero() {
			fmt.Fprintf(w, "; next at %s", one.Until.Local().Format("2006-01-02 15:04"))
		}
		fmt.Fprintln(w)
	}
	return err
}

// settingsShown bounds the settings that are told.
const settingsShown = 20

// printSettings tells what owners and repositories have configured, and where that holds.
func printSettings(w io.Writer, all *overview.Overview) {
	for _, s := range all.Settings[:min(len(all.Settings), settingsShown)] {
		where := s.Repository
		if s.Repositories > 1 {
			where = repositoryCount(s.Repositories)
		}
		fmt.Fprintf(w, "  set for %s by %s\n", where, report.OneLine(s.Setting))
	}
	if more := len(all.Settings) - settingsShown; more > 0 {
		fmt.Fprintf(w, "  and %d more settings: --format json\n", more)
	}
}

// unread tells of the files that could not be read where something is due all the same.
func (o *CampaignOptions) unread(all *overview.Overview) (err error) {
	for _, r := range all.Repositories {
		if r.State == store.Failed {
			continue
		}
		for _, line := range r.Unread {
			fmt.Fprintf(o.IO.Err, "drydock: %s: %s\n", r.Name, report.OneLine(line))
			err = errFailed
		}
	}
	return err
}

func fileCount(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

func repositoryCount(n int) string {
	if n == 1 {
		return "1 repository"
	}
	return fmt.Sprintf("%d repositories", n)
}

// note tells what of a campaign does not come about as it is written.
func (o *CampaignOptions) note(w *works, c *spec.Campaign) {
	for _, note := range c.Notes(w.ceiling, names(o.Fixers)) {
		fmt.Fprintf(o.IO.Err, "drydock: %s: %s\n", c.Name, note)
	}
}

// orNames adds to an error about a campaign that is not there those that are.
func orNames(ctx context.Context, s *store.Store, err error) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	all, _ := s.Campaigns(ctx) // without them the error is still true
	var known []string
	for _, c := range all {
		known = append(known, c.Name)
	}
	if len(known) == 0 {
		return err
	}
	return fmt.Errorf("%w, which has %s", err, strings.Join(known, ", "))
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
	failed, told := 0, !o.Quiet && o.Format != "json" // by their lines
	for _, r := range all.Repositories {
		if r.State == store.Failed {
			failed++
		}
		if r.Error != "" && !told {
			fmt.Fprintf(o.IO.Err, "drydock: %s: %s\n", r.Name, report.Visible(r.Error))
		}
	}
	if failed == 0 {
		return nil
	}
	if told {
		fmt.Fprintf(o.IO.Err, "drydock: %s of %d failed\n", repositoryCount(failed), len(all.Repositories))
	}
	return errFailed
}
