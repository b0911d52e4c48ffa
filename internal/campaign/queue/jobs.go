package queue

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"riverqueue.com/riverui"
	"riverqueue.com/riverui/uiendpoints"
)

// Jobs makes River's own view of the queue, for the paths below a prefix. It asks
// nobody who they are. Its counts are kept up to date until the context ends.
func (q *Queue) Jobs(ctx context.Context, prefix string, logger *slog.Logger) (http.Handler, error) {
	var endpoints uiendpoints.Bundle
	switch c := q.client.(type) {
	case *river.Client[pgx.Tx]:
		endpoints = riverui.NewEndpoints(c, nil)
	case *river.Client[*sql.Tx]:
		endpoints = riverui.NewEndpoints(c, nil)
	}
	view, err := riverui.NewHandler(&riverui.HandlerOpts{Endpoints: endpoints, Prefix: prefix, Logger: logger})
	if err != nil {
		return nil, fmt.Errorf("the view of the queue: %w", err)
	}
	if err := view.Start(ctx); err != nil {
		return nil, fmt.Errorf("the view of the queue: %w", err)
	}
	return view, nil
}
