package reconcile_test

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/git"
)

// TestWhatIsTooLargeIsDeclined: the API does not tell its tree, and a clone would not
// fit. What is open stays so, and is told.
func TestWhatIsTooLargeIsDeclined(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.TreeLimit = 1
	w.r.Room = git.NewRoom(1, 4<<10)
	asset := strings.Repeat("x", 8<<10)
	w.server.Add("acme/large", map[string]string{"Dockerfile": before, "asset": asset})
	grows := w.server.Add("acme/grows", map[string]string{"Dockerfile": before, "README.md": "x"})
	w.campaign(store.Running, "", "acme/large", "acme/grows")
	w.run()
	const why = "more than 4096 bytes: too large to be cloned"
	w.want("acme/large", store.Declined, why)
	w.want("acme/grows", store.Opened, "")
	if c := w.changeset("acme/large"); !c.Due.After(w.now) || c.Attempts != 0 {
		t.Errorf("it is no failure: %+v", c)
	}

	w.server.PushTo("acme/grows", "main", map[string]string{"asset": asset})
	w.again()
	w.want("acme/grows", store.Opened, why)
	if p := grows.Pulls[0]; p.State != "open" || len(grows.Pulls) != 1 {
		t.Errorf("%+v", p)
	}

	// It is no longer too large, or this machine has more room.
	w.r.Room = git.NewRoom(1, git.LargestClone)
	w.again()
	w.want("acme/large", store.Opened, "")
	w.want("acme/grows", store.Opened, "")
}
