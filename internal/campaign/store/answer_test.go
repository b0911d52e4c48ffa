package store_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge"
)

// testAnswers: what one process was answered, the next one knows, within bounds.
func testAnswers(t *testing.T, database string) {
	s, clock := open(t, database)
	text := make([]byte, 10_000)
	rand.Read(text) // which does not get shorter
	a := &store.Answers{Store: s, Forge: "github.com", Bytes: 55_000}
	long := string(bytes.Repeat([]byte("long "), 100))
	a.Put(t.Context(), long, []byte("x"))
	for i := range 20 {
		clock.pass(time.Minute)
		a.Put(t.Context(), fmt.Sprint("key ", i), text)
	}
	if err := a.Trim(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	again.Now = clock.Now
	b := &store.Answers{Store: again, Forge: "github.com", Bytes: 55_000}
	for i := range 20 {
		if value, ok := b.Get(t.Context(), fmt.Sprint("key ", i)); ok != (i >= 15) || ok && !bytes.Equal(value, text) {
			t.Errorf("key %d is kept: %v", i, ok)
		}
	}
	if _, ok := b.Get(t.Context(), long); ok {
		t.Error("what was used before all others is kept")
	}
	if _, ok := (&store.Answers{Store: again, Forge: "else"}).Get(t.Context(), "key 19"); ok {
		t.Error("another forge has it too")
	}
	b.Put(t.Context(), long, []byte("y"))
	b.Put(t.Context(), long, []byte("z"))
	if value, ok := a.Get(t.Context(), long); !ok || string(value) != "z" {
		t.Errorf("%q", value)
	}
	// What is used stays, and what is not goes with time.
	clock.pass(29 * 24 * time.Hour)
	a.Get(t.Context(), long)
	clock.pass(2 * 24 * time.Hour)
	if err := a.Trim(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := a.Get(t.Context(), "key 19"); ok {
		t.Error("kept for a month")
	}
	if _, ok := a.Get(t.Context(), long); !ok {
		t.Error("dropped though it was used")
	}
}

var _ forge.Cache = (*store.Answers)(nil)
