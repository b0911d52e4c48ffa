package verify

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// WriteTable writes a report for people.
func WriteTable(w io.Writer, r *Report) error {
	var out strings.Builder
	if err := writeTable(&out, r); err != nil {
		return err
	}
	_, err := io.WriteString(w, builder.Clean(out.String(), out.Len()))
	return err
}

// writeTable writes what images and builders say as it is.
func writeTable(w io.Writer, r *Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if r.Before != nil {
		after := r.After
		if after == nil {
			after = &Side{}
		}
		fmt.Fprintf(t, "\tbefore\tafter\n")
		for _, row := range rows(r.Before, after) {
			fmt.Fprintf(t, "%s\t%s\t%s\n", row.Name, row.Before, row.After)
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
		for _, f := range b.Findings[min(1, len(b.Findings)):] {
			fmt.Fprintf(w, "  and %s\n", builder.Clean(f.String(), 1000))
		}
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

// A Row is one thing that is told of both images.
type Row struct {
	Name, Before, After string
	Varies              bool // from run to run, and from machine to machine
}

// Rows tells of both images what is known of them; none if one was not built.
func (r *Report) Rows() []Row {
	if r.Before == nil || r.After == nil {
		return nil
	}
	return rows(r.Before, r.After)
}

func rows(b, a *Side) []Row {
	all := []Row{
		{Name: "size", Before: size(b.Size), After: size(a.Size)},
		{Name: "layers", Before: layers(b), After: layers(a)},
		{Name: "system packages", Before: count(b.Packages), After: count(a.Packages)},
		{Name: "user", Before: b.User, After: a.User},
		{Name: "start", Before: start(b), After: start(a)},
		{Name: "HTTP", Before: strings.Join(b.HTTP, ", "), After: strings.Join(a.HTTP, ", ")},
		{Name: "HEALTHCHECK", Before: b.Health, After: a.Health},
		{Name: "dependencies loaded", Before: count(b.Imports), After: count(a.Imports)},
		{Name: "rebuild after an edit", Before: rebuilt(b.Rebuild), After: rebuilt(a.Rebuild), Varies: true},
		{Name: "steps cached then", Before: cached(b.Rebuild), After: cached(a.Rebuild)},
	}
	return slices.DeleteFunc(all, func(r Row) bool { return r.Before == "" && r.After == "" })
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
	return fmt.Sprintf("%.1f s", t.Seconds)
}

func cached(t *Timing) string {
	if t == nil || len(t.Steps) == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", t.Cached, len(t.Steps))
}

func size(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// layersNotKnown stands for the layers of an image whose builder does not tell them.
const layersNotKnown = "not known"

// layers counts those of an image that was built.
func layers(s *Side) string {
	if s.Size > 0 && len(s.Layers) == 0 {
		return layersNotKnown
	}
	return count(len(s.Layers))
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
