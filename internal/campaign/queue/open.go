package queue

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// triesToMigrate is how often the tables of a file are made, where another process
// may make them at the same time: each step is a transaction, and one of two fails.
const triesToMigrate = 10

// openSQLite makes the tables and the client in a file.
func openSQLite(ctx context.Context, s *store.Store, config *river.Config) (*river.Client[*sql.Tx], error) {
	driver := riversqlite.New(s.DB())
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: config.Logger})
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		_, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		if err == nil {
			return river.NewClient(driver, config)
		}
		if try == triesToMigrate || ctx.Err() != nil {
			return nil, fmt.Errorf("its tables: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
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
