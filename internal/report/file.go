package report

// Version is that of the JSON form. It changes when a field changes its meaning.
const Version = 1

// Status is what became of a file.
type Status string

const (
	Changed   Status = "changed" // or would change, where nothing is written
	Unchanged Status = "unchanged"
	Failed    Status = "failed" // not read, parsed or written; the file is as it was
	Skipped   Status = "skipped"
)

// A File is the report about one Dockerfile.
type File struct {
	Path     string    `json:"path"`
	Context  string    `json:"context"` // the folder of the build context; "" if none is known
	Status   Status    `json:"status"`
	Error    *Error    `json:"error,omitempty"` // for Failed and Skipped
	Outcomes []Outcome `json:"outcomes"`
	Diff     string    `json:"diff,omitempty"` // of the Dockerfile, then of the files in Also
	Also     []string  `json:"also,omitempty"` // the other files that the fixes change
	// Proof is what building and starting the images showed, a *verify.Report; nil
	// if nothing was built.
	Proof any `json:"proof,omitempty"`
}

// An Error is why a file was not looked at. What concerns the whole file is at
// 1:1.
type Error struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// An Outcome is a finding and what became of it.
type Outcome struct {
	Fixer   string `json:"fixer"`
	Status  string `json:"status"` // an engine.Status
	Safety  string `json:"safety,omitempty"`
	Line    int    `json:"line"`
	Message string `json:"message,omitempty"`
	Reason  string `json:"reason,omitempty"`
	// Notes are what the reader of the diff should know.
	Notes []string `json:"notes,omitempty"`
	Also  []string `json:"also,omitempty"` // the other files that the fix edits
	With  []string `json:"with,omitempty"` // the fixers that carried it into them
}

// Applied is the status of an outcome that is in the result; all others are not.
const Applied = "applied"

// declined is the status of a finding that a fixer has no fix for.
const declined = "declined"

// A Summary counts what the files of a run were.
type Summary struct {
	Files    int            `json:"files"`
	Changed  int            `json:"changed"`
	Failed   int            `json:"failed"`
	Skipped  int            `json:"skipped"`
	Applied  map[string]int `json:"applied"`  // fixes, by fixer
	Declined map[string]int `json:"declined"` // by fixer
}

// Add counts a file.
func (s *Summary) Add(f File) {
	s.Files++
	switch f.Status {
	case Changed:
		s.Changed++
	case Failed:
		s.Failed++
	case Skipped:
		s.Skipped++
	}
	for _, o := range f.Outcomes {
		switch o.Status {
		case Applied:
			count(&s.Applied, o.Fixer)
		case declined:
			count(&s.Declined, o.Fixer)
		}
	}
}

func count(counts *map[string]int, key string) {
	if *counts == nil {
		*counts = map[string]int{}
	}
	(*counts)[key]++
}
