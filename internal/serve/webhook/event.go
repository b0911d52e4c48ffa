package webhook

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// An Event is what a delivery tells, as far as it matters here.
type Event struct {
	Kind       Kind
	Host       string   `json:",omitempty"` // by which people reach the forge, in lower case
	Repository string   `json:",omitempty"` // "owner/name"
	Branches   []string `json:",omitempty"` // that have changed; none: anything of the repository may have
	Default    string   `json:",omitempty"` // the default branch, where something was pushed
	Was        string   `json:",omitempty"` // the full name that the repository had
	Pull       int      `json:",omitempty"` // that was commented on
	Issue      int      `json:",omitempty"` // that is no pull request, and whose state or comments have changed
	Author     string   `json:",omitempty"` // of the comment
	Comment    int64    `json:",omitempty"` // its ID
	Want       store.Want
}

// IsOfDefaultBranch reports whether the default branch may be another one by now.
func (e Event) IsOfDefaultBranch() bool {
	return len(e.Branches) == 0 || e.Default == "" || slices.Contains(e.Branches, e.Default)
}

// A Kind says what to do about an event.
type Kind string

const (
	Changed   Kind = "changed"   // look at a repository again
	Listed    Kind = "listed"    // list what campaigns select again
	Commented Kind = "commented" // somebody asks for something
)

// names are the events that are read.
var names = []string{"pull_request", "push", "issues", "issue_comment", "repository", "installation", "installation_repositories", "ping"}

// known gives the name of an event that is read, or one for all others: what came
// from outside makes no new series of metrics.
func known(name string) string {
	for _, n := range names {
		if n == name {
			return n
		}
	}
	return "other"
}

// A payload is what is read of GitHub's
// (https://docs.github.com/en/webhooks/webhook-events-and-payloads), which Gitea's
// and Forgejo's follow (modules/structs/hook.go).
type payload struct {
	Action     string `json:"action"`
	Ref        string `json:"ref"`
	Repository struct {
		FullName      string `json:"full_name"`
		HTMLURL       string `json:"html_url"`
		DefaultBranch string `json:"default_branch"`
	} `json:"repository"`
	PullRequest struct {
		Head struct {
			Ref string `json:"ref"`
		} `json:"head"`
	} `json:"pull_request"`
	Issue struct {
		Number      int             `json:"number"`
		PullRequest json.RawMessage `json:"pull_request"`
	} `json:"issue"`
	Comment struct {
		ID   int64  `json:"id"`
		Body string `json:"body"`
		User struct {
			Login string `json:"login"`
			Type  string `json:"type"`
		} `json:"user"`
	} `json:"comment"`
	Changes struct {
		Repository struct {
			Name struct {
				From string `json:"from"`
			} `json:"name"`
		} `json:"repository"`
		Owner struct {
			From struct {
				User         struct{ Login string } `json:"user"`
				Organization struct{ Login string } `json:"organization"`
			} `json:"from"`
		} `json:"owner"`
	} `json:"changes"`
}

// repositoryName is what GitHub allows: nothing else is looked up.
var repositoryName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$`) })

// parse reads a payload. The event is nil if it does not matter.
func (s Sender) parse(name string, body []byte) (*Event, error) {
	if known(name) == "other" || name == "ping" {
		return nil, nil
	}
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, err
	}
	if strings.HasPrefix(name, "installation") {
		return &Event{Kind: Listed}, nil
	}
	e := &Event{Kind: Changed, Host: hostOf(p.Repository.HTMLURL), Repository: p.Repository.FullName}
	if !repositoryName().MatchString(e.Repository) {
		return nil, nil
	}
	switch name {
	case "push":
		branch, ok := strings.CutPrefix(p.Ref, "refs/heads/")
		if !ok {
			return nil, nil
		}
		e.Branches, e.Default = []string{branch}, p.Repository.DefaultBranch
	case "pull_request":
		switch p.Action {
		case "closed", "reopened", "edited", "synchronize", "synchronized": // the last is Gitea's
		default:
			return nil, nil
		}
		e.Branches = []string{p.PullRequest.Head.Ref}
	case "repository":
		e.Was = was(p)
	case "issues":
		switch p.Action {
		case "closed", "reopened", "deleted":
		default:
			return nil, nil
		}
		e.Issue = p.Issue.Number
	case "issue_comment":
		if !isPull(p.Issue.PullRequest) {
			return answered(e, p), nil
		}
		return s.commented(e, p), nil
	}
	return e, nil
}

// was gives the name that a repository had before it was renamed or transferred, ""
// if it was neither.
func was(p payload) string {
	owner, name, _ := strings.Cut(p.Repository.FullName, "/")
	switch p.Action {
	case "renamed":
		name = p.Changes.Repository.Name.From
	case "transferred":
		from := p.Changes.Owner.From
		owner = from.User.Login + from.Organization.Login
	default:
		return ""
	}
	if full := owner + "/" + name; repositoryName().MatchString(full) {
		return full
	}
	return ""
}

// answer is a line of a comment that answers an issue that asks.
var answer = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?mi)^[ \t]*drydock[ \t]+(go|ignore)[ \t]*\r?$`)
})

// answered gives the event of a comment below an issue that may be an answer, nil
// for any other. Whether it is one, and of whom, is read at the forge.
func answered(e *Event, p payload) *Event {
	if !answer().MatchString(p.Comment.Body) {
		return nil
	}
	e.Issue = p.Issue.Number
	return e
}

// commented gives the event of a comment below a pull request that asks for something, nil for any other.
// A bot asks for nothing, this one least of all.
func (s Sender) commented(e *Event, p payload) *Event {
	want := store.WantOf(p.Comment.Body)
	if want == "" || p.Action != "created" || p.Comment.User.Type == "Bot" || !s.isUser(p.Comment.User.Login) {
		return nil
	}
	e.Kind, e.Pull, e.Author, e.Comment = Commented, p.Issue.Number, p.Comment.User.Login, p.Comment.ID
	e.Want = want
	return e
}

// isPull reports whether an issue is a pull request. Gitea says null of one that is
// none, GitHub nothing.
func isPull(said json.RawMessage) bool { return len(said) > 0 && string(said) != "null" }

// hostOf gives the host of an address, "" if it has none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || len(u.Host) > maxHeader {
		return ""
	}
	return strings.ToLower(u.Host)
}
