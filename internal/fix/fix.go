// Package fix is what a fixer is made of: the fixer as a value, the pass that it
// sees, and the findings that it reports.
//
// Invariants: a fixer is a plain value and keeps no state between runs; it knows
// nothing of other fixers but the names in After; it writes nothing itself. A
// Finding carries a Fix or says why there is none. A Fix is a transaction: all
// of its edits are made, or none.
package fix

import (
	"fmt"
	"slices"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A Fixer is one rewrite.
type Fixer struct {
	Name string // kebab-case; what users select it by
	Doc  Doc
	// After names the fixers that come to rest first: as long as one of them has
	// something to apply, this one is not run.
	After []string
	// Completes names the fixer of After whose fixes this one carries into other
	// files, "" if none. What both do is one fix to whoever reads it, commits it or
	// takes it back: it is made whole, or not at all.
	Completes string
	Run       func(*Pass)
}

// Doc is a fixer's page, as "drydock explain" prints it.
type Doc struct {
	Title   string   // one line, imperative: "Clean up after package managers"
	Why     string   // a paragraph or more of plain text
	Before  string   // a whole Dockerfile
	After   string   // what the fixer makes of Before; a test holds it to that
	Refuses []string // what it declines, one sentence each
	Safety  Safety   // the least safe fix that it makes
}

// Safety is the promise that a fix gives. The zero value is the cautious one.
type Safety uint8

const (
	// ShowOnly: the edits are an illustration and are never applied.
	ShowOnly Safety = iota
	// Review: the image changes on purpose in the stated way.
	Review
	// Safe: the image's contract holds exactly.
	Safe
)

func (s Safety) String() string {
	switch s {
	case Safe:
		return "safe"
	case Review:
		return "review"
	}
	return "show-only"
}

// A Pass is what a fixer sees of one Dockerfile.
type Pass struct {
	File     *syntax.File
	Build    *build.Model
	Original *build.Model     // of the Dockerfile before all fixes
	Context  *project.Context // nil if the build context is not known
	Settings Settings
	Evidence *Evidence // nil if the image was not built
	Report   func(Finding)
	// CameFrom is where an offset of File was in the Dockerfile before all fixes: a reason
	// names that line, as its reader has no other.
	CameFrom func(offset int) source.Position

	// Repository is where the Dockerfile lies, nil if that is not known, and Path
	// the Dockerfile's path in it.
	Repository *project.Repository
	Path       string
	// Read returns the text of another file of the repository as the fixes so far
	// have left it.
	Read func(path string) (string, error)
}

// Evidence is what was read off the image that the Dockerfile makes as it is.
type Evidence struct {
	// Packages are those of the system whose libraries the dependencies load,
	// sorted: of files that no package owns, the direct needs.
	Packages []string
}

// Settings are a fixer's choices that the configuration leaves to the user. The
// zero value is the default.
type Settings struct {
	// CacheMounts is package-cleanup's style: cache-mount. dependency-copy keeps what
	// compilers and their package managers make in mounts too.
	CacheMounts bool
	AddUser     AddUser
	UserID      int // numeric-user: the ID of a new account; 0 means 1001
	// Images are the Dockerfiles, as paths in the repository, that the user names
	// for images.
	Images            map[string]string
	RestrictedProfile bool // kubernetes-user: the rest of that Pod Security Standard too
}

// AddUser says whether an image that runs as root gets a user of its own.
type AddUser uint8

const (
	AddUserWhenSound AddUser = iota
	AddUserNever
)

// A Finding is something that a fixer would do, or would not.
type Finding struct {
	At       source.Span
	Message  string // what the fix does, in a few words: "join update with install"
	Fix      *Fix
	Declined string // why there is no fix; "" with one
}

// A Fix is a transaction of edits: all are made, in all files, or none.
type Fix struct {
	Safety Safety
	Edits  []edit.Edit
	Others []FileEdits // of other files
	// Reads are the parts of the Dockerfile that the fix relies on: if another
	// fix writes there, this one is made again from the new text.
	Reads []source.Span
	// Claims are what no two fixes of a batch may both change, such as
	// "stage:2/user".
	Claims []string
	// Changes are what the fix means to change about the image. The contract
	// allows nothing else.
	Changes []Change
	Notes   []string // what the reader of the diff should know
}

// FileEdits are the edits of a file of the repository that is no Dockerfile, in the
// text that Pass.Read gives.
type FileEdits struct {
	Path  string // in the repository
	Edits []edit.Edit
}

// A Change is a difference of the image that a fix declares.
type Change struct {
	Kind    ChangeKind
	Subject string // what it is about; see the kinds
}

// ChangeKind names what may differ.
type ChangeKind uint8

const (
	_               ChangeKind = iota
	ChangeUser                 // the final USER; Subject is the new one
	ChangeBase                 // the final image's base, or that of a stage that it takes files from; Subject is the new one
	ChangeEnv                  // an ENV variable is set or changed; Subject is its name
	AddPackage                 // Subject is the package
	DropPackage                // Subject is the package
	DropCommand                // a command of a RUN goes; Subject is its text
	AddCommand                 // a command of a RUN is new; Subject is its text
	DropCopy                   // a copied source does not reach the final image by itself; Subject is the source as written
	AddCopy                    // a source of the build context has a part in the final image that it had not; Subject is the source as written
	DropComment                // Subject is the comment's text, without # and blanks around
	MoveInstruction            // Subject is the instruction's text: it runs earlier or later than before
	OwnCopy                    // a COPY has the owner to which a chown of the build gave its files; Subject is the owner
	AddCache                   // a RUN has a cache mount more; Subject is its folder
)

// Apply reports a fix. What the author has aligned on a line that it edits stays so.
func (p *Pass) Apply(at source.Span, message string, f Fix) {
	f.Edits = p.keepColumns(f.Edits)
	p.Report(Finding{At: at, Message: message, Fix: &f})
}

// Decline reports that something stays as it is, and why. The reason is lower
// case and names its subject: "the package list comes from $PKGS".
func (p *Pass) Decline(at source.Span, format string, args ...any) {
	p.Report(Finding{At: at, Declined: fmt.Sprintf(format, args...)})
}

// Validate says what is wrong with a list of fixers: a name given twice, an After
// that is unknown or runs in a circle, a page without title.
func Validate(fixers []Fixer) error {
	index := map[string]Fixer{}
	for _, f := range fixers {
		if _, twice := index[f.Name]; twice || f.Name == "" {
			return fmt.Errorf("fixer %q: the name is empty or given twice", f.Name)
		}
		if f.Run == nil || f.Doc.Title == "" {
			return fmt.Errorf("fixer %s: has no Run or no title", f.Name)
		}
		index[f.Name] = f
	}
	for _, f := range fixers {
		for _, name := range f.After {
			if _, ok := index[name]; !ok {
				return fmt.Errorf("fixer %s: After names %q, which is no fixer", f.Name, name)
			}
		}
		if f.Completes != "" && !slices.Contains(f.After, f.Completes) {
			return fmt.Errorf("fixer %s: completes %q, which its After does not name", f.Name, f.Completes)
		}
	}
	_, err := Order(fixers)
	return err
}

// Order returns the fixers so that each stands behind those that its After names,
// and otherwise as given. A name that is not in the list is skipped, since a user
// may select a few only. It fails if After runs in a circle.
func Order(fixers []Fixer) ([]Fixer, error) {
	const (
		visiting = iota + 1
		done
	)
	state := map[string]int{}
	var ordered []Fixer
	var visit func(f Fixer) error
	visit = func(f Fixer) error {
		switch state[f.Name] {
		case visiting:
			return fmt.Errorf("fixer %s: After runs in a circle", f.Name)
		case done:
			return nil
		}
		state[f.Name] = visiting
		for _, name := range f.After {
			for _, other := range fixers {
				if other.Name != name {
					continue
				}
				if err := visit(other); err != nil {
					return err
				}
			}
		}
		state[f.Name] = done
		ordered = append(ordered, f)
		return nil
	}
	for _, f := range fixers {
		if err := visit(f); err != nil {
			return nil, err
		}
	}
	return ordered, nil
}
