package browser

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

const pastRepositories = 1000

// past gives the database a campaign that has run for three weeks over 1,000
// repositories. Nothing of it is due, so nobody asks its forge.
func (s *server) past() {
	s.t.Helper()
	ctx, t := s.t.Context(), s.t
	db, err := store.Open(ctx, filepath.Join(s.dir, "drydock.db"))
	must(t, err)
	defer db.Close()
	end := time.Now()
	now := end.Add(-21 * 24 * time.Hour)
	db.Now = func() time.Time { return now }
	must(t, db.SaveCampaign(ctx, store.Campaign{Name: "slim-images", Spec: "name: slim-images\n", Path: "slim.yaml", Forge: "github.example.com", Stage: store.Running}))
	var names []string
	for i := range pastRepositories {
		names = append(names, fmt.Sprintf("acme/%s-%03d", []string{"billing", "gateway", "ledger", "mailer", "search"}[i%5], i/5+1))
	}
	// What nobody expects stays within the page, and is text.
	names[0] = "acme/" + strings.Repeat("w", 95)
	names[863] = "acme/<b>\u202egnp.exe</b><script>alert(1)</script>"
	must(t, db.Enlist(ctx, "slim-images", names))
	states := func(i int) store.State {
		switch {
		case i < 712:
			return store.Merged
		case i < 861:
			return store.Opened
		case i < 864:
			return store.Failed
		case i < 900:
			return store.Closed
		case i < 920:
			return store.Declined
		}
		return store.Planned
	}
	for i, name := range names {
		for _, state := range []store.State{store.Opened, states(i)} {
			now = now.Add(time.Duration(2*pastRepositories-i) * 300 * time.Millisecond)
			c, err := db.Changeset(ctx, "slim-images", name)
			must(t, err)
			c.State, c.Due, c.Looked, c.Base, c.Dockerfiles = state, time.Time{}, now, "main", 1+i%3
			c.Title, c.Pull, c.PullURL = "Dockerfile: split builds into stages", 100+i, fmt.Sprintf("https://github.example.com/%s/pull/%d", name, 100+i)
			needs := map[string]int{"multistage": 1 + i%3, "package-cleanup": 1}
			switch state {
			case store.Merged:
				needs = map[string]int{}
			case store.Failed:
				c.Error, c.Attempts = "clone: the server does not answer", 3
				if i == 863 {
					c.Error = "clone: " + strings.Repeat("x", 2000)
				}
			case store.Declined:
				c.Reason, c.Pull = "the base image is private", 0
			case store.Planned:
				c.Reason, c.Pull = "the limit of 10 pull requests an hour is reached", 0
			}
			look := store.Look{Changeset: c, Needs: needs}
			if i == 0 {
				look.Texts = &store.Texts{Body: strings.Repeat("w", 5000), Diff: longDiff()}
			}
			must(t, db.Save(ctx, look))
		}
		now = now.Add(12 * time.Minute)
	}
	now = end
	must(t, db.SetLimits(ctx, "github.example.com", store.GitHub()))
	_, err = db.ClaimListing(ctx, "slim-images", now)
	must(t, err)
}

// longDiff has more lines than anybody reads, and one that is longer than any screen.
func longDiff() string {
	var d strings.Builder
	d.WriteString("--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,1 +1,20001 @@\n FROM debian\n+RUN " + strings.Repeat("x", 20000) + "\n")
	for i := range 20000 {
		fmt.Fprintf(&d, "+RUN true %d\n", i)
	}
	return d.String()
}
