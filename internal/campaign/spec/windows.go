package spec

import (
	"time"
	_ "time/tzdata" // campaigns name their time zone, and images often have none
)

// A Window is a part of a day on which something may be written.
type Window struct {
	Days     [7]bool       // by time.Weekday
	From, To time.Duration // since midnight; To is after From
}

// Windows are when something may be written. None is always.
type Windows struct {
	Zone *time.Location // nil is UTC
	List []Window
}

// Opens is the next time at which one is open: now, if one is.
func (w Windows) Opens(now time.Time) time.Time {
	if len(w.List) == 0 {
		return now
	}
	zone := w.Zone
	if zone == nil {
		zone = time.UTC
	}
	local := now.In(zone)
	var next time.Time
	for day := range 8 { // the same weekday next week, if it is over today
		date := time.Date(local.Year(), local.Month(), local.Day()+day, 0, 0, 0, 0, zone)
		for _, window := range w.List {
			if !window.Days[date.Weekday()] {
				continue
			}
			from, to := onDay(date, window.From), onDay(date, window.To)
			switch {
			case !now.Before(to):
			case !now.Before(from):
				return now
			case next.IsZero() || from.Before(next):
				next = from
			}
		}
		if !next.IsZero() {
			return next
		}
	}
	return now
}

// onDay gives a time of a day as the clock on the wall shows it.
func onDay(date time.Time, since time.Duration) time.Time {
	return time.Date(date.Year(), date.Month(), date.Day(), 0, int(since/time.Minute), 0, 0, date.Location())
}
