package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// ErrNotFound says that there is no such row.
var ErrNotFound = errors.New("there is none in the database")

// A Store is a database. It may be used from several goroutines.
type Store struct {
	db      *sql.DB
	pool    *pgxpool.Pool // nil on SQLite
	dialect dialect
	name    string

	// Now tells the time. It is time.Now unless a test sets it.
	Now func() time.Time
}

// Open opens a database, and makes or updates its tables: a PostgreSQL at a
// postgres:// URL, or the SQLite file of that path, which is made with its folder
// if it is not there.
func Open(ctx context.Context, database string) (*Store, error) {
	s := &Store{Now: time.Now, name: database}
	var err error
	if isPostgres(database) {
		err = s.openPostgres(ctx, database)
	} else {
		err = s.openSQLite(database)
	}
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("database %s: %w", s.name, err)
	}
	return s, nil
}

func isPostgres(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

func (s *Store) openPostgres(ctx context.Context, database string) error {
	config, err := pgxpool.ParseConfig(database)
	if err != nil {
		return fmt.Errorf("the database's address: %w", err) // pgx leaves the password out
	}
	s.name = fmt.Sprintf("postgres://%s/%s", config.ConnConfig.Host, config.ConnConfig.Database)
	s.dialect = postgres
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("database %s: %w", s.name, err)
	}
	s.db = stdlib.OpenDBFromPool(s.pool)
	return nil
}

// busyTimeout is how long a statement waits for another process, in milliseconds.
const busyTimeout = 30_000

func (s *Store) openSQLite(path string) error {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(absolute), 0o700); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	address := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(absolute), RawQuery: fmt.Sprintf(
		"_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_txlock=immediate", busyTimeout)}
	s.dialect = sqlite
	if s.db, err = sql.Open("sqlite", address.String()); err != nil {
		return fmt.Errorf("database %s: %w", path, err)
	}
	s.db.SetMaxOpenConns(1)
	return nil
}

// Name tells which database this is, without its password.
func (s *Store) Name() string { return s.name }

// DB is the database, for a queue that lives beside the rows. On SQLite it has one
// connection: whoever holds a transaction keeps all others waiting.
func (s *Store) DB() *sql.DB { return s.db }

// Pool is the pool under DB on PostgreSQL, nil on SQLite.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.PingContext(ctx) }

// Close closes the database.
func (s *Store) Close() error {
	err := s.db.Close()
	if s.pool != nil {
		s.pool.Close()
	}
	return err
}

// A tx is a transaction.
type tx struct {
	ctx context.Context
	*sql.Tx
	dialect dialect
}

// in runs do in a transaction, which is undone if do fails.
func (s *Store) in(ctx context.Context, do func(tx) error) error {
	begun, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer begun.Rollback() // says only that it was committed
	if err := do(tx{ctx, begun, s.dialect}); err != nil {
		return err
	}
	return begun.Commit()
}

func (t tx) exec(statement string, args ...any) (changed int64, err error) {
	done, err := t.ExecContext(t.ctx, t.dialect.query(statement), args...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// one reads the only row of a statement; sql.ErrNoRows if there is none.
func (t tx) one(statement string, args []any, into ...any) error {
	return t.QueryRowContext(t.ctx, t.dialect.query(statement), args...).Scan(into...)
}

// rows reads all rows before it returns, so that the connection is free again.
func rows[T any](ctx context.Context, s *Store, scan func(func(...any) error) (T, error), statement string, args ...any) ([]T, error) {
	found, err := s.db.QueryContext(ctx, s.dialect.query(statement), args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var all []T
	for found.Next() {
		one, err := scan(found.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, found.Err()
}

// stamp and at turn a time into what is stored, and back.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func at(stored int64) time.Time {
	if stored == 0 {
		return time.Time{}
	}
	return time.UnixMilli(stored).UTC()
}

// bounded cuts a text that came from outside to at most limit bytes of whole
// characters, and makes it one that both databases take.
func bounded(text string, limit int) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
	if len(text) <= limit {
		return text
	}
	const more = "\n[cut here]\n"
	return strings.ToValidUTF8(text[:limit-len(more)], "") + more
}
