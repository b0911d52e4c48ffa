package queue

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// openSQLite makes the tables and the client in a file. Its transactions begin with
// the lock for writing, so that one process makes them.
func openSQLite(ctx context.Context, s *store.Store, config *river.Config) (*river.Client[*sql.Tx], error) {
	driver := riversqlite.New(s.DB())
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: config.Logger})
	if err != nil {
		return nil, err
	}
	tx, err := s.DB().BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // says only that it was committed
	if _, err := migrator.MigrateTx(ctx, tx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("its tables: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	return river.NewClient(driver, config)
}

// openPostgres makes the tables and the client in a PostgreSQL, where they take
// several transactions: one session has a lock meanwhile.
func openPostgres(ctx context.Context, s *store.Store, config *river.Config) (*river.Client[pgx.Tx], error) {
	driver := riverpgxv5.New(s.Pool())
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: config.Logger})
	if err != nil {
		return nil, err
	}
	session, err := s.Pool().Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Release()
	const key = 7274757 // any number that nobody else takes
	if _, err := session.Exec(ctx, "SELECT pg_advisory_lock($1)", key); err != nil {
		return nil, err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if _, unlocked := session.Exec(ctx, "SELECT pg_advisory_unlock($1)", key); unlocked != nil && err == nil {
		err = unlocked
	}
	if err != nil {
		return nil, fmt.Errorf("its tables: %w", err)
	}
	return river.NewClient(driver, config)
}
