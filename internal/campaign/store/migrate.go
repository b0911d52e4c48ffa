package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Migrations are numbered from 1. N.sql is for both databases, N.sqlite.sql and
// N.postgres.sql are for one. A file that was released is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the tables up to date. Of several processes one does it.
func (s *Store) migrate(ctx context.Context) error {
	return s.in(ctx, func(t tx) error {
		if s.dialect.turns != "" {
			if _, err := t.exec(s.dialect.turns); err != nil {
				return err
			}
		}
		if _, err := t.exec("CREATE TABLE IF NOT EXISTS drydock_schema (version BIGINT NOT NULL)"); err != nil {
			return err
		}
		var version int
		err := t.one("SELECT version FROM drydock_schema", nil, &version)
		if errors.Is(err, sql.ErrNoRows) {
			_, err = t.exec("INSERT INTO drydock_schema (version) VALUES (0)")
		}
		if err != nil {
			return err
		}
		latest := version
		for ; ; latest++ {
			text, err := s.migration(latest + 1)
			if errors.Is(err, fs.ErrNotExist) {
				break
			}
			if err != nil {
				return err
			}
			if _, err := t.exec(strings.ReplaceAll(text, "{{id}}", s.dialect.serial)); err != nil {
				return fmt.Errorf("migration %d: %w", latest+1, err)
			}
		}
		if version > 0 && latest == version {
			return s.newerThan(version)
		}
		_, err = t.exec("UPDATE drydock_schema SET version = ?", latest)
		return err
	})
}

func (s *Store) migration(n int) (string, error) {
	text, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", n))
	if errors.Is(err, fs.ErrNotExist) {
		text, err = migrations.ReadFile(fmt.Sprintf("migrations/%d.%s.sql", n, s.dialect.name))
	}
	return string(text), err
}

// newerThan refuses a database that a later drydock has changed.
func (s *Store) newerThan(version int) error {
	if _, err := s.migration(version); err != nil {
		return fmt.Errorf("its tables are of version %d, which this drydock does not know", version)
	}
	return nil
}
