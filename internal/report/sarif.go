package report

import (
	"encoding/json"
	"io"
)

// sarifWriter writes SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), which
// code scanning reads: what would be fixed is a warning, what is declined a note.
type sarifWriter struct {
	w             io.Writer
	tool          Tool
	results       []sarifResult
	notifications []sarifNotification
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	Results     []sarifResult     `json:"results"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	URI     string      `json:"informationUri"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string    `json:"id"`
	ShortDescription sarifText `json:"shortDescription"`
	FullDescription  sarifText `json:"fullDescription"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region struct {
			StartLine   int `json:"startLine"`
			StartColumn int `json:"startColumn,omitempty"`
		} `json:"region"`
	} `json:"physicalLocation"`
}

func sarifAt(path string, line, column int) []sarifLocation {
	var at sarifLocation
	at.Physical.Artifact.URI = uri(path)
	at.Physical.Region.StartLine, at.Physical.Region.StartColumn = line, column
	return []sarifLocation{at}
}

func (s *sarifWriter) File(f File) error {
	if f.Status == Failed {
		s.notifications = append(s.notifications, sarifNotification{
			Level: "error", Message: sarifText{f.Error.Message}, Locations: sarifAt(f.Path, f.Error.Line, f.Error.Column),
		})
	}
	for _, o := range f.Outcomes {
		level := "warning"
		if o.Status != Applied {
			level = "note"
		}
		s.results = append(s.results, sarifResult{
			RuleID: o.Fixer, Level: level, Message: sarifText{o.Text()}, Locations: sarifAt(f.Path, o.Line, 0),
		})
	}
	return nil
}

func (s *sarifWriter) End(Summary) error {
	var run sarifRun
	run.Tool.Driver = sarifDriver{Name: "drydock", Version: s.tool.Version, URI: "https://github.com/drydock-dev/drydock", Rules: []sarifRule{}}
	for _, r := range s.tool.Rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{r.Name, sarifText{r.Title}, sarifText{r.Why}})
	}
	run.Invocations = []sarifInvocation{{Successful: len(s.notifications) == 0, Notifications: s.notifications}}
	run.Results = append([]sarifResult{}, s.results...)
	encoder := json.NewEncoder(s.w)
	encoder.SetIndent("", " ")
	return encoder.Encode(sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run},
	})
}
