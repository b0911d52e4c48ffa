package serve

import (
	"fmt"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// A chart is the burndown of a campaign, as the points of an SVG of chartWidth by
// chartHeight.
type chart struct {
	Line, Area  string // points of the repositories that are left
	Most, Left  int
	Needed      int // Dockerfiles that need a fixer now
	From, Until time.Time
}

const (
	chartWidth, chartHeight = 640, 120
	chartPoints             = 60
)

// burndown draws points; nil if there is nothing to draw.
func burndown(points []store.Point) *chart {
	if len(points) == 0 {
		return nil
	}
	last := points[len(points)-1]
	c := &chart{Most: 1, Left: last.Left(), Needed: last.Needed, From: points[0].At, Until: last.At}
	for _, p := range points {
		c.Most = max(c.Most, p.Left())
	}
	var line []string
	for i, p := range points {
		x := float64(chartWidth) * float64(i) / float64(max(len(points)-1, 1))
		y := float64(chartHeight) * (1 - float64(p.Left())/float64(c.Most))
		line = append(line, fmt.Sprintf("%.1f,%.1f", x, y))
	}
	c.Line = strings.Join(line, " ")
	c.Area = fmt.Sprintf("0,%d %s %d,%d", chartHeight, c.Line, chartWidth, chartHeight)
	return c
}

// A bar is the part of a campaign's repositories that is in a state, as a piece of
// a bar that is 100 wide.
type bar struct {
	State    store.State
	Count    int
	X, Width float64
}

// barOrder begins with what is done.
var barOrder = []store.State{store.Merged, store.Opened, store.Opening, store.Planned, store.Failed, store.Pending, store.Closed, store.Declined}

// bars draws the states of the repositories that something is to be done in, or
// was.
func bars(counts map[store.State]int) []bar {
	total := 0
	for _, state := range barOrder {
		total += counts[state]
	}
	var all []bar
	x := 0.0
	for _, state := range barOrder {
		if counts[state] == 0 {
			continue
		}
		width := 100 * float64(counts[state]) / float64(total)
		all = append(all, bar{state, counts[state], x, width})
		x += width
	}
	return all
}
