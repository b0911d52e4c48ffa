package queue

import (
	"context"
	"database/sql"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// openSQLite makes the tables and the client in a file. Its transactions begin with
// the lock for writing, so one process has one at a time.
func openSQLite(ctx context.Context, s *store.Store, config *river.Config) (*river.Client[*sql.Tx], error) {
	return open(ctx, riversqlite.New(s.DB()), config, func(do func(*sql.Tx) error) error {
		tx, err := s.DB().BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() // says only that it was committed
		if err := do(tx); err != nil {
			return err
		}
		return tx.Commit()
	})
}
