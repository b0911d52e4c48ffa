package reconcile_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// readsOf counts the requests about a repository since the n-th, and how many of them
// were not free.
func (w *world) readsOf(name string, n int) (all, paid int) {
	for _, r := range w.server.Log()[n:] {
		if strings.HasPrefix(r.Path, "/repos/"+name+"/") || r.Path == "/repos/"+name {
			all++
			if !r.IsFree() {
				paid++
			}
		}
	}
	return all, paid
}

// TestAnOwnersSettingsAreReadOnce for all of their repositories, and again after a
// while, when they are free as long as they stay.
func TestAnOwnersSettingsAreReadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Add("acme/.github", map[string]string{".drydock.yaml": "skip: [package-cleanup]\n", "README.md": "x"})
	names := []string{"acme/a", "acme/b", "acme/c", "other/a"}
	for _, name := range names {
		w.server.Add(name, map[string]string{"Dockerfile": before})
	}
	w.campaign(store.Planning, "", names...)
	w.run()
	if all, _ := w.readsOf("acme/.github", 0); all != 3 { // what it is, its tree and the file
		t.Errorf("%d reads", all)
	}
	if all, _ := w.readsOf("other/.github", 0); all != 1 {
		t.Errorf("%d reads of what is not there", all)
	}
	c := w.changeset("acme/a")
	if c.Title != "Dockerfile: run as a numeric user" || !slices.Equal(c.Settings, []string{"acme/.github/.drydock.yaml: skip: [package-cleanup]"}) {
		t.Errorf("%q, %q", c.Title, c.Settings)
	}
	if c := w.changeset("other/a"); c.Title != "Dockerfile: clean up after package managers and run as a numeric user" || c.Settings != nil {
		t.Errorf("%q, %q", c.Title, c.Settings)
	}
	n := len(w.server.Log())
	w.again()
	if all, _ := w.readsOf("acme/.github", n); all != 0 {
		t.Errorf("%d reads within the same run", all)
	}
	w.now = w.now.Add(time.Hour)
	w.again()
	if all, paid := w.readsOf("acme/.github", n); all != 2 || paid != 0 {
		t.Errorf("%d reads an hour later, %d of them not free", all, paid)
	}
	w.server.PushTo("acme/.github", "main", map[string]string{".drydock.yaml": "skip: [numeric-user]\n"})
	w.now = w.now.Add(time.Hour)
	w.again()
	if c := w.changeset("acme/a"); c.Title != "Dockerfile: clean up after package managers" {
		t.Errorf("not heard of: %q", c.Title)
	}
}

// TestAnOwnersChangeIsHeardAtOnce, where a webhook tells of it.
func TestAnOwnersChangeIsHeardAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Add("acme/.github", map[string]string{".drydock.yaml": "skip: [package-cleanup]\n"})
	w.server.Add("acme/a", map[string]string{"Dockerfile": before})
	w.campaign(store.Planning, "", "acme/a")
	w.run()
	w.server.PushTo("acme/.github", "main", map[string]string{".drydock.yaml": "skip: [numeric-user]\n"})
	w.must(w.store.WakeOwner(t.Context(), "c", "github hub.example", "Acme", 0))
	w.run()
	if c := w.changeset("acme/a"); c.Title != "Dockerfile: clean up after package managers" {
		t.Errorf("not heard of: %q", c.Title)
	}
}

// TestTheCampaignBoundsItsOwners: an owner narrows a campaign, and a repository its
// owner. Neither gives itself what the one above has not.
func TestTheCampaignBoundsItsOwners(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Add("acme/.github", map[string]string{".drydock.yaml": "only: [package-cleanup, multistage, numeric-user]\nskip: [package-cleanup]\n"})
	w.server.Add("acme/asks", map[string]string{"Dockerfile": before, ".drydock.yaml": "only: [package-cleanup, numeric-user]\npull-requests: true\n"})
	w.server.Add("none/.github", map[string]string{".drydock.yaml": "pull-requests: false\n"})
	w.server.Add("none/asks", map[string]string{"Dockerfile": before, ".drydock.yaml": "pull-requests: true\n"})
	w.server.Add("none/odd", map[string]string{"Dockerfile": before, ".drydock.yaml": "no: such\n"})
	w.campaign(store.Running, "", "acme/asks", "none/asks", "none/odd")
	w.run()
	w.want("acme/asks", store.Opened, "")
	if c := w.changeset("acme/asks"); c.Title != "Dockerfile: run as a numeric user" || len(c.Settings) != 2 {
		t.Errorf("%q, %q", c.Title, c.Settings)
	}
	for _, name := range []string{"none/asks", "none/odd"} {
		w.want(name, store.Declined, "none/.github/.drydock.yaml takes no pull requests")
		if n := len(w.server.Repository(name).Pulls); n != 0 {
			t.Errorf("%s has %d pull requests", name, n)
		}
	}
}

// TestWhatAnOwnerSaysWrongIsTold, with its file and place, and nothing is proposed
// meanwhile; what stands can still be closed.
func TestWhatAnOwnerSaysWrongIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	common := w.server.Add("acme/.github", map[string]string{"README.md": "x"})
	w.server.Add("acme/a", map[string]string{"Dockerfile": before})
	w.server.Add("acme/b", map[string]string{"Dockerfile": before})
	w.campaign(store.Running, "", "acme/a")
	w.run()
	w.want("acme/a", store.Opened, "")

	w.server.PushTo("acme/.github", "main", map[string]string{".drydock.yaml": "skip:\n  - nope\n"})
	w.now = w.now.Add(time.Hour)
	w.campaign(store.Running, "", "acme/a", "acme/b")
	w.again()
	const why = `acme/.github/.drydock.yaml:2:5: no fixer is called "nope"`
	w.want("acme/a", store.Opened, why)
	w.want("acme/b", store.Failed, why)
	w.must(w.store.Ask(t.Context(), "app", 1, store.Key{Campaign: "c", Repository: "acme/a"}, store.Wish{Want: store.WantIgnore, Who: "bob"}))
	w.run()
	w.want("acme/a", store.Closed, "bob asked to be left alone")

	// A file that is none, such as a link to one outside, is not followed.
	link(t, common.Dir, ".drydock.yaml", "/etc/passwd")
	w.now = w.now.Add(time.Hour)
	w.again()
	w.want("acme/b", store.Failed, "acme/.github/.drydock.yaml:1:1: not a regular file")
}

// link makes a file of the main branch a link.
func link(t *testing.T, bare, name, to string) {
	t.Helper()
	work := filepath.Join(t.TempDir(), "clone")
	gittest.Run(t, ".", "clone", "-q", bare, work)
	if err := errors.Join(os.RemoveAll(filepath.Join(work, name)), os.Symlink(to, filepath.Join(work, name))); err != nil {
		t.Fatal(err)
	}
	gittest.Run(t, work, "add", "-A")
	gittest.Run(t, work, "commit", "-q", "-m", "link")
	gittest.Run(t, work, "push", "-q", "origin", "main")
}
