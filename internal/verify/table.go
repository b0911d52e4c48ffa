package verify

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// WriteTable writes a report for people.
func WriteTable(w io.Writer, r *Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if r.Before != nil {
		after := r.After
		if after == nil {
			after = &Side{}
		}
		fmt.Fprintf(t, "\tbefore\tafter\n")
		for _, row := range rows(r.Before, after) {
			if row.before != "" || row.after != "" {
				fmt.Fprintf(t, "%s\t%s\t%s\n", row.name, row.before, row.after)
			}
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if n := len(r.Removed); n > 0 {
		fmt.Fprintf(w, "packages removed: %s\n", few(r.Removed))
	}
	if n := len(r.Added); n > 0 {
		fmt.Fprintf(w, "packages added: %s\n", few(r.Added))
	}
	for _, b := range r.RolledBack {
		fmt.Fprintf(w, "taken back: line %d: %s: %s: %s\n", b.Line, b.Fixer, b.Message, builder.Clean(b.Reason, 1000))
		for _, line := range b.Lines {
			fmt.Fprintf(w, "  | %s\n", line)
		}
	}
	if r.Failure != nil {
		for _, line := range r.Failure.Lines {
			fmt.Fprintf(w, "  | %s\n", line)
		}
	}
	if r.Unproven != "" {
		_, err := fmt.Fprintf(w, "not proven: %s: %s\n", r.Unproven, r.Failure.Message)
		return err
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s\n", builder.Clean(f.String(), 1000))
	}
	return nil
}

type row struct{ name, before, after string }

func rows(b, a *Side) []row {
	return []row{
		{"size", size(b.Size), size(a.Size)},
		{"layers", count(len(b.Layers)), count(len(a.Layers))},
		{"system packages", count(b.Packages), count(a.Packages)},
		{"user", b.User, a.User},
		{"start", start(b), start(a)},
		{"HTTP", strings.Join(b.HTTP, ", "), strings.Join(a.HTTP, ", ")},
		{"HEALTHCHECK", b.Health, a.Health},
		{"dependencies loaded", count(b.Imports), count(a.Imports)},
		{"rebuild after an edit", rebuilt(b.Rebuild), rebuilt(a.Rebuild)},
	}
}

func start(s *Side) string {
	if len(s.Ports) == 0 {
		return s.Start
	}
	var ports []string
	for _, p := range s.Ports {
		ports = append(ports, strconv.Itoa(p))
	}
	return s.Start + ", listens on " + strings.Join(ports, ", ")
}

func rebuilt(t *Timing) string {
	if t == nil {
		return ""
	}
	return fmt.Sprintf("%.1f s, %d of %d steps cached", t.Seconds, t.Cached, len(t.Steps))
}

func size(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// few names the first of many.
func few(names []string) string {
	const shown = 8
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}
