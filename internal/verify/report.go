package verify

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// Check is what a finding is about.
type Check string

const (
	CheckBuild        Check = "build"
	CheckConfig       Check = "config"       // the image's configuration
	CheckFiles        Check = "files"        // files that vanished
	CheckLibraries    Check = "libraries"    // ELF files whose libraries or interpreter are missing
	CheckScripts      Check = "scripts"      // scripts whose interpreter is missing
	CheckCertificates Check = "certificates" // authorities for TLS
	CheckImports      Check = "imports"      // declared dependencies that do not load
	CheckUser         Check = "user"         // the account that the command runs as
	CheckStart        Check = "start"        // the command
	CheckPorts        Check = "ports"        // what it listens on
	CheckHTTP         Check = "http"         // what it answers
	CheckHealth       Check = "health"       // HEALTHCHECK
	CheckSmoke        Check = "smoke"        // the user's own command
	CheckWrites       Check = "writes"       // files that are written at start
)

// A Finding is a difference that the rewrite must not make.
type Finding struct {
	Check   Check  `json:"check"`
	Subject string `json:"subject"` // what it is about: a path, a module, a setting
	Message string `json:"message"`
}

// String is one line.
func (f Finding) String() string { return fmt.Sprintf("%s: %s", f.Check, f.Message) }

// An Accepted is a finding that the user accepts: of a check, about what matches
// a pattern (path.Match, and ** at the end for all below); "" for all.
type Accepted struct {
	Check   Check
	Pattern string
}

// ParseAccepted reads "CHECK" or "CHECK:PATTERN".
func ParseAccepted(text string) (Accepted, error) {
	check, pattern, _ := strings.Cut(text, ":")
	switch Check(check) {
	case CheckBuild, CheckConfig, CheckFiles, CheckLibraries, CheckScripts, CheckCertificates, CheckImports,
		CheckUser, CheckStart, CheckPorts, CheckHTTP, CheckHealth, CheckSmoke, CheckWrites:
	default:
		return Accepted{}, fmt.Errorf("no check is called %q", check)
	}
	if _, err := path.Match(strings.TrimSuffix(pattern, "**"), ""); err != nil {
		return Accepted{}, fmt.Errorf("%q is no pattern", pattern)
	}
	return Accepted{Check(check), pattern}, nil
}

func (a Accepted) covers(check Check, subject string) bool {
	if a.Check != check {
		return false
	}
	if below, ok := strings.CutSuffix(a.Pattern, "**"); ok {
		return strings.HasPrefix(subject, below)
	}
	matched, err := path.Match(a.Pattern, subject)
	return a.Pattern == "" || err == nil && matched
}

// A Report is what came of verifying a rewrite.
type Report struct {
	Builder string `json:"builder"`
	Cached  bool   `json:"cached,omitempty"` // it was verified earlier
	// Unproven says why nothing can be claimed, "" if something can.
	Unproven string `json:"unproven,omitempty"`
	// Unstarted says that both images were built and compared, and held, and that the
	// builder starts none: that is why.
	Unstarted bool      `json:"unstarted,omitempty"`
	Findings  []Finding `json:"findings,omitempty"`
	Failure   *Failure  `json:"failure,omitempty"` // what the builder said of a build that failed
	Before    *Side     `json:"before,omitempty"`
	After     *Side     `json:"after,omitempty"`
	// Removed and Added are system packages.
	Removed []string `json:"packages_removed,omitempty"`
	Added   []string `json:"packages_added,omitempty"`
	// RolledBack are the fixes that were taken back because they failed.
	RolledBack []RolledBack `json:"rolled_back,omitempty"`
}

// Proven reports whether both build and start alike.
func (r *Report) Proven() bool { return r.Unproven == "" && len(r.Findings) == 0 }

// A Failure is what a builder said.
type Failure struct {
	Step    string   `json:"step,omitempty"`
	Message string   `json:"message"`
	Lines   []string `json:"lines,omitempty"` // the last of the failed step
}

func newFailure(f *builder.Failure) *Failure {
	return &Failure{Step: f.Step, Message: f.Message, Lines: f.Lines}
}

// A RolledBack is a fix that was taken back.
type RolledBack struct {
	Fixer   string `json:"fixer"`
	Line    int    `json:"line"`
	Message string `json:"message"` // what it did
	Reason  string `json:"reason"`
	// Findings are all that spoke against it; Reason tells the first.
	Findings []Finding `json:"findings,omitempty"`
	Lines    []string  `json:"lines,omitempty"` // the builder's or the program's own
}

// A Side is what one image is like.
type Side struct {
	Size     int64    `json:"size"`   // in bytes, layers not compressed
	Layers   []int64  `json:"layers"` // in bytes; empty if the builder does not tell
	Files    int      `json:"files"`
	User     string   `json:"user"`
	Packages int      `json:"packages"` // of the system
	Imports  int      `json:"imports"`  // declared dependencies that load
	Start    string   `json:"start"`    // "up", "exits with 3", ...
	Ports    []int    `json:"ports,omitempty"`
	HTTP     []string `json:"http,omitempty"`
	Health   string   `json:"health,omitempty"`
	Output   string   `json:"output,omitempty"` // the end of what the command wrote
	Build    *Timing  `json:"build,omitempty"`
	Rebuild  *Timing  `json:"rebuild,omitempty"` // after an edit of the source
}

// A Timing is how a build went.
type Timing struct {
	Seconds float64        `json:"seconds"`
	Steps   []builder.Step `json:"steps"`
	Cached  int            `json:"cached"`
	Edited  string         `json:"edited,omitempty"` // the file of the context
}

func newTiming(r *builder.Result, edited string) *Timing {
	t := &Timing{Seconds: r.Took.Round(10 * time.Millisecond).Seconds(), Steps: r.Steps, Edited: edited}
	for _, s := range r.Steps {
		if s.Cached {
			t.Cached++
		}
	}
	return t
}

func (v *Verifier) side(o *observation) *Side {
	s := &Side{
		Size: o.image.Size(), Layers: []int64{}, Files: len(o.image.Files), User: o.image.Config.Config.User,
		Packages: len(o.image.Packages()), Start: started(o), Ports: o.probe.Seen.Listening,
		Output: o.probe.Output, Build: newTiming(o.result, ""),
	}
	if s.User == "" {
		s.User = "root"
	}
	if !o.image.Flat {
		for _, l := range o.image.Layers {
			s.Layers = append(s.Layers, l.Size)
		}
	}
	for _, i := range o.probe.Imports {
		if i.Error == "" {
			s.Imports++
		}
	}
	for _, a := range o.probe.Seen.Answers {
		if a.Status != 0 {
			s.HTTP = append(s.HTTP, fmt.Sprintf(":%d %d", a.Port, a.Status))
		}
	}
	if h := o.probe.Health; h != nil {
		s.Health = map[bool]string{true: "healthy", false: "unhealthy"}[h.OK]
	}
	return s
}

// started says what became of the command.
func started(o *observation) string {
	if o.unstarted != nil {
		return ""
	}
	switch p := o.probe; {
	case len(p.Command) == 0:
		return "no command"
	case p.Up:
		return "up"
	case p.Fault != "":
		return "not started"
	default:
		return fmt.Sprintf("exits with %d", p.ExitCode)
	}
}

// holds reports whether nothing speaks against the rewrite, as far as the builder
// can tell.
func (r *Report) holds() bool { return r.Proven() || r.Unstarted }
