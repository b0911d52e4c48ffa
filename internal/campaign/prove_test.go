package campaign_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/forge/fake"
)

// A judge says of each Dockerfile what a build came to, without building.
type judge struct {
	verdict func(text, dir string, run campaign.Run) (campaign.Proven, error)
	open    int
}

func (j *judge) Checkout(_ context.Context, tree fs.FS) (campaign.Checkout, error) {
	if _, err := fs.Stat(tree, "no-builder"); err == nil {
		return nil, errors.New("there is no builder")
	}
	j.open++
	return j, nil
}

func (j *judge) Prove(_ context.Context, _, text string, around engine.Surroundings, run campaign.Run) (campaign.Proven, error) {
	return j.verdict(text, around.Dir, run)
}

func (j *judge) Close() error { j.open--; return nil }

func TestWhatDoesNotBuildIsNotProposed(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	repo := server.Add("acme/shop", map[string]string{"Dockerfile": before, "bad/Dockerfile": before, "back/Dockerfile": before, "fine/Dockerfile": fixed})
	server.Add("acme/none", map[string]string{"Dockerfile": before, "no-builder": "x"})
	o := bot(t, server)
	j := &judge{verdict: func(text, dir string, run campaign.Run) (campaign.Proven, error) {
		switch dir {
		case "bad":
			return campaign.Proven{Unproven: "it fails before, too"}, nil
		case "back":
			done, err := run(t.Context(), func(fixer, _ string) (string, bool) { return "it fails", fixer == "package-cleanup" })
			return campaign.Proven{Result: done, Evidence: "| size | 1 | 2 |\n"}, err
		}
		if text != before {
			t.Errorf("proven, and nothing changes: %s", text)
		}
		done, err := run(t.Context(), nil)
		return campaign.Proven{Result: done, Evidence: "| size | 3 | 2 |\n"}, err
	}}
	o.Prover, o.Clone = j, true
	want(t, run(t, o, "acme/shop"), campaign.Opened)
	if got := show(t, repo, "diff", "--name-only", "main", "drydock/all"); got != "Dockerfile\nback/Dockerfile" {
		t.Error(got)
	}
	if got := show(t, repo, "show", "drydock/all:back/Dockerfile"); !strings.Contains(got, "USER 1001") || strings.Contains(got, "no-install-recommends") {
		t.Error(got)
	}
	body := repo.Pulls[0].Body
	if !strings.Contains(body, "| size | 3 | 2 |\n") || !strings.Contains(body, "| size | 1 | 2 |\n") || strings.Contains(body, "was not built") {
		t.Error(body)
	}
	if j.open != 0 {
		t.Errorf("%d checkouts are left", j.open)
	}
	if _, err := o.Look(t.Context(), "acme/none"); err == nil || !strings.Contains(err.Error(), "verify: there is no builder") {
		t.Error(err)
	}
}

// What is taken back is in no commit, however many there are.
func TestEveryCommitGoesWithoutWhatIsTakenBack(t *testing.T) {
	t.Parallel()
	for name, commits := range map[string]campaign.Commits{"one": campaign.OneCommit, "fixer": campaign.CommitPerFixer} {
		t.Run(name, func(t *testing.T) {
			server := fake.New(t)
			repo := server.Add("acme/shop", map[string]string{"Dockerfile": before})
			o := bot(t, server)
			o.Commits, o.Clone = commits, true
			o.Prover = &judge{verdict: func(_, _ string, run campaign.Run) (campaign.Proven, error) {
				done, err := run(t.Context(), func(fixer, _ string) (string, bool) { return "it does not start", fixer == "numeric-user" })
				return campaign.Proven{Result: done}, err
			}}
			want(t, run(t, o, "acme/shop"), campaign.Opened)
			if got := show(t, repo, "show", "drydock/all:Dockerfile"); strings.Contains(got, "USER 1001") || !strings.Contains(got, "rm -rf /var/lib/apt/lists") {
				t.Error(got)
			}
			if body := repo.Pulls[0].Body; !strings.Contains(body, "it does not start") {
				t.Error(body)
			}
			want(t, run(t, o, "acme/shop"), campaign.Unchanged)
		})
	}
}

// What cannot be tried is neither proposed nor dropped: the pull request that is
// open stays.
func TestWhatCannotBeTriedFails(t *testing.T) {
	t.Parallel()
	server := fake.New(t)
	server.Add("acme/shop", map[string]string{"Dockerfile": before})
	o := bot(t, server)
	gone := errors.New("the builder is gone")
	o.Clone, o.Prover = true, &judge{verdict: func(string, string, campaign.Run) (campaign.Proven, error) { return campaign.Proven{}, gone }}
	if _, err := o.Look(t.Context(), "acme/shop"); !errors.Is(err, gone) || !strings.HasPrefix(err.Error(), "Dockerfile: it could not be verified") {
		t.Error(err)
	}
}
