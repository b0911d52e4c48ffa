package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"sync/atomic"
	"time"
)

// Answers keep what a forge answered, for all processes that share the database and
// so its account. What was not used for longest goes first. It is a forge.Cache:
// where the database fails, it has nothing.
type Answers struct {
	Store *Store
	Forge string // its address
	Bytes int64  // to hold at most of all forges, compressed; more while it is being filled

	put atomic.Int64 // bytes since Trim
}

// AnswerBytes is room for the trees and Dockerfiles of some thousand repositories.
const AnswerBytes = 256 << 20

const (
	usedAgain = 12 * time.Hour      // that a use is written down
	unused    = 30 * 24 * time.Hour // that an answer is kept without one
	trimEvery = 8 << 20             // bytes
	// largestAnswer bounds one, uncompressed: GitHub's largest trees have 7 MB.
	largestAnswer = 16 << 20
)

// answerKey bounds a key's length.
func answerKey(key string) string {
	if len(key) <= 200 {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return key[:100] + " " + hex.EncodeToString(sum[:])
}

func (a *Answers) Get(ctx context.Context, key string) ([]byte, bool) {
	type kept struct {
		value []byte
		used  int64
	}
	key = answerKey(key)
	found, err := rows(ctx, a.Store, func(scan func(...any) error) (k kept, err error) { return k, scan(&k.value, &k.used) },
		"SELECT value, used_at FROM answer WHERE forge = ? AND key = ?", a.Forge, key)
	if err != nil || len(found) == 0 {
		return nil, false
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(found[0].value))
	if err != nil {
		return nil, false
	}
	value, err := io.ReadAll(io.LimitReader(unpacked, largestAnswer))
	if err != nil {
		return nil, false
	}
	if now := a.Store.Now(); at(found[0].used).Before(now.Add(-usedAgain)) {
		// Where this fails it goes sooner.
		_ = a.Store.in(ctx, func(t tx) error {
			_, err := t.exec("UPDATE answer SET used_at = ? WHERE forge = ? AND key = ?", stamp(now), a.Forge, key)
			return err
		})
	}
	return value, true
}

func (a *Answers) Put(ctx context.Context, key string, value []byte) {
	if len(value) >= largestAnswer {
		return
	}
	key = answerKey(key)
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return
	}
	w.Write(value) // to memory
	w.Close()
	size := int64(packed.Len() + len(key))
	err = a.Store.in(ctx, func(t tx) error {
		_, err := t.exec(`INSERT INTO answer (forge, key, value, bytes, used_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (forge, key) DO UPDATE SET value = excluded.value, bytes = excluded.bytes, used_at = excluded.used_at`, a.Forge, key, packed.Bytes(), size, stamp(a.Store.Now()))
		return err
	})
	if err == nil && a.put.Add(size) > min(trimEvery, a.Bytes) {
		a.put.Store(0)
		_ = a.Trim(ctx) // the next one comes
	}
}

// Trim drops what was not used for long, and what is above Bytes.
func (a *Answers) Trim(ctx context.Context) error {
	return a.Store.in(ctx, func(t tx) error {
		if _, err := t.exec("DELETE FROM answer WHERE used_at < ?", stamp(a.Store.Now().Add(-unused))); err != nil {
			return err
		}
		// Those of a time go together: that of which all later ones fit no more.
		_, err := t.exec(`DELETE FROM answer WHERE used_at <= (SELECT COALESCE(MAX(used_at), 0) FROM
(SELECT used_at, SUM(bytes) OVER (ORDER BY used_at DESC, forge, key) AS held FROM answer) AS newest WHERE held > ?)`, a.Bytes)
		return err
	})
}
