package github

import (
	"context"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/fake"
)

// A diary is a cache that tells what it holds.
type diary struct {
	forge.Memory
	all strings.Builder
}

func (d *diary) Put(ctx context.Context, key string, value []byte) {
	d.all.WriteString(key + string(value))
	d.Memory.Put(ctx, key, value)
}

// TestAnotherProcessScansForFree: what was kept is asked for with its ETag, whoever
// keeps it, and no secret is kept.
func TestAnotherProcessScansForFree(t *testing.T) {
	server := fake.New(t)
	server.Add("acme/shop", files)
	shared := &diary{Memory: forge.Memory{Bytes: 1 << 20}}
	for i, want := range []fake.Counts{{Reads: 3}, {Free: 2}} { // the blob is not even asked for
		f, err := New(Options{API: server.URL, Cache: shared, Token: func(context.Context) (string, error) { return server.Token, nil }})
		if err != nil {
			t.Fatal(err)
		}
		from := len(server.Log())
		c, at, err := f.Read(t.Context(), repository(t, f, "acme/shop"), "main")
		if err != nil {
			t.Fatal(err)
		}
		tree, err := c.Files(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tree.Open("Dockerfile"); err != nil {
			t.Fatal(err)
		}
		if got := fake.Count(server.Log()[from:]); got != want {
			t.Errorf("run %d: %+v", i, got)
		}
	}
	for _, secret := range []string{server.Token, fake.TempCloneToken, "Authorization"} {
		if strings.Contains(shared.all.String(), secret) {
			t.Errorf("%s is kept", secret)
		}
	}
}
