package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	api "github.com/google/go-github/v60/github"
)

// mostDeliveries is how often a webhook is sent that does not arrive.
const mostDeliveries = 5

// Redeliver has the webhooks sent again that an App was sent since a time and that did
// not arrive, or could not be stored: GitHub does not by itself ("Handling failed webhook
// deliveries"). It gives how many. For a token of a user, whose webhooks are not its
// own, it does nothing.
func (f *Forge) Redeliver(ctx context.Context, since time.Time) (asked int, err error) {
	if f.app == nil {
		return 0, nil
	}
	failed, err := f.app.undelivered(ctx, since)
	if err != nil {
		return 0, err
	}
	for _, id := range failed {
		_, _, err := f.app.client.Apps.RedeliverHookDelivery(ctx, id)
		var accepted *api.AcceptedError
		if err != nil && !errors.As(err, &accepted) {
			return asked, fmt.Errorf("have a webhook sent again: %w", err)
		}
		asked++
	}
	return asked, nil
}

// undelivered lists the newest attempts of those that never arrived.
func (a *installations) undelivered(ctx context.Context, since time.Time) (ids []int64, err error) {
	type delivery struct {
		newest   int64
		attempts int
		settled  bool
	}
	byGUID := map[string]*delivery{}
	var inOrder []string
	for cursor := ""; ; {
		all, res, err := a.client.Apps.ListHookDeliveries(ctx, &api.ListCursorOptions{PerPage: page, Cursor: cursor})
		if err != nil {
			return nil, fmt.Errorf("list the webhooks: %w", err)
		}
		past := false
		for _, d := range all { // newest first
			if past = d.GetDeliveredAt().Before(since); past {
				break
			}
			one := byGUID[d.GetGUID()]
			if one == nil {
				one = &delivery{newest: d.GetID()}
				byGUID[d.GetGUID()] = one
				inOrder = append(inOrder, d.GetGUID())
			}
			one.attempts++
			// What was refused as it is, would be so again.
			code := d.GetStatusCode()
			one.settled = one.settled || code != 0 && code < http.StatusInternalServerError
		}
		if cursor = res.Cursor; past || cursor == "" {
			break
		}
	}
	for i := range inOrder {
		if d := byGUID[inOrder[len(inOrder)-1-i]]; !d.settled && d.attempts < mostDeliveries {
			ids = append(ids, d.newest)
		}
	}
	return ids, nil
}
