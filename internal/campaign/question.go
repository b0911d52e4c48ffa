package campaign

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/report"
)

// A Question is an issue that asks a repository for leave to propose rewrites. All
// campaigns share it. The zero value was not asked.
type Question struct {
	forge.Issue
	Answer Answer
	Who    string // who gave it in a comment, "" if nobody did
}

// An Answer is what came of a question.
type Answer string

const (
	Unasked    Answer = ""
	Unanswered Answer = "asked in an issue, and not answered yet"
	Yes        Answer = "somebody who may write said yes"
	No         Answer = "the issue was answered with no, or closed"
)

// A question is known by what begins its text, or by its title where people have
// edited the text. One that was withdrawn is none.
const (
	questionTitle = "May drydock propose rewrites of the Dockerfiles here?"
	asking        = "<!-- drydock asks for leave -->\n"
	withdrawn     = "<!-- drydock asks no longer -->\n"
)

func isQuestion(i forge.Issue) bool {
	return (i.Title == questionTitle || strings.HasPrefix(i.Text, strings.TrimSpace(asking))) && !strings.HasPrefix(i.Text, strings.TrimSpace(withdrawn))
}

// answered is a line of a comment that answers. The last one counts.
var answered = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?mi)^[ \t]*drydock[ \t]+(go|ignore)[ \t]*\r?$`)
})

// Asked looks for the question in a repository, and for the answer: what somebody
// who may write said last in a comment. Closing it without one is a no.
func (o Options) Asked(ctx context.Context, repository forge.Repository) (Question, error) {
	all, err := o.Forge.Issues(ctx, repository)
	if err != nil {
		return Question{}, err
	}
	for _, issue := range all {
		if isQuestion(issue) {
			return o.answer(ctx, repository, Question{Issue: issue})
		}
	}
	return Question{}, nil
}

func (o Options) answer(ctx context.Context, repository forge.Repository, q Question) (Question, error) {
	q.Answer = No
	if q.Open {
		q.Answer = Unanswered
	}
	said, err := o.Forge.Remarks(ctx, repository, q.Number)
	if err != nil {
		return q, err
	}
	may := map[string]bool{}
	for _, remark := range said {
		found := answered().FindAllStringSubmatch(remark.Text, -1)
		if found == nil {
			continue
		}
		if _, known := may[remark.Author]; !known {
			may[remark.Author], err = o.Forge.MayWrite(ctx, repository, remark.Author)
			if err != nil && !errors.Is(err, forge.ErrNotFound) {
				return q, err
			}
		}
		if !may[remark.Author] {
			continue
		}
		q.Answer, q.Who = No, remark.Author
		if strings.EqualFold(found[len(found)-1][1], "go") {
			q.Answer = Yes
		}
	}
	return q, nil
}

// Ask asks, in the place of a rewrite that would be made.
func (o Options) Ask(ctx context.Context, c *Changeset) (Question, error) {
	q := Question{Answer: Unanswered}
	err := o.write(ctx, Write{c.Repository.Name, "ask", c.Proposal.Title}, func(w *Write) (err error) {
		q.Issue, err = o.Forge.OpenIssue(ctx, c.Repository, c.Proposal.Title, c.Proposal.Body)
		if err == nil {
			w.Target = q.URL
		}
		return err
	})
	return q, err
}

// Asking gives the changeset that asks in the place of a rewrite.
func (o Options) Asking(c *Changeset) *Changeset {
	next := *c
	next.Proposal.Title, next.Proposal.Body = questionTitle, asking+question(c)
	next.asks, next.Steps, next.texts = true, nil, nil
	return &next
}

// namedInQuestion bounds the Dockerfiles that a question names.
const namedInQuestion = 10

func question(c *Changeset) string {
	changed := c.Rewriting.Changed()
	var names []string
	for _, f := range changed[:min(len(changed), namedInQuestion)] {
		names = append(names, report.Harmless(f.Path))
	}
	if more := len(changed) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return "[drydock](https://github.com/drydock-dev/drydock) rewrites Dockerfiles, in pull requests that prove what they change. It asks before the first one.\n\n" +
		"It would be: " + report.Harmless(c.Proposal.Title) + ". Changed: " + strings.Join(names, ", ") + ".\n\n" +
		"**Yes:** comment `drydock go`, on a line of its own; or commit a `" + config.FileName + "`, which may say what drydock is to leave alone (`safe: true`, `skip: [NAME]`, `exclude: [legacy/]`).\n\n" +
		"**No:** close this issue, or comment `drydock ignore`. It is not asked again. `pull-requests: false` in a `" + config.FileName + "` says no for good.\n\n" +
		"Comments count of people who may write to this repository; the last one does.\n"
}

// Heed closes a question that was answered, if it is still open.
func (o Options) Heed(ctx context.Context, repository forge.Repository, q Question) error {
	return o.endQuestion(ctx, repository, q, q.Text)
}

// Withdraw closes a question that needs no answer any more, if it is open, and says
// why in the place of its text. It may be asked again.
func (o Options) Withdraw(ctx context.Context, repository forge.Repository, q Question, why string) error {
	return o.endQuestion(ctx, repository, q, withdrawn+why+"\n")
}

func (o Options) endQuestion(ctx context.Context, repository forge.Repository, q Question, text string) error {
	if !q.Open {
		return nil
	}
	return o.write(ctx, Write{repository.Name, "close issue", q.URL}, func(*Write) error {
		return o.Forge.CloseIssue(ctx, repository, q.Number, text)
	})
}
