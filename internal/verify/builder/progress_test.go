package builder

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"
)

// Nothing that a Dockerfile names or writes reaches the terminal as an escape: not
// by a step's name, its error, its output, a status or a warning.
func TestProgressLeavesText(t *testing.T) {
	const bad = "\x1b[2J\x1b]0;owned\x07\u009b31m"
	var shown bytes.Buffer
	w := Progress{W: &shown, Mode: "plain"}.watch()
	id, now := digest.FromString("step"), time.Now()
	w.statuses <- &client.SolveStatus{
		Vertexes: []*client.Vertex{{Digest: id, Name: "[1/1] RUN echo " + bad + "name", Started: &now, Completed: &now, Error: bad + "fault"}},
		Statuses: []*client.VertexStatus{{Vertex: id, ID: bad + "status", Name: bad, Started: &now, Completed: &now, Timestamp: now}},
		Logs:     []*client.VertexLog{{Vertex: id, Stream: 1, Data: []byte(bad + "output\n"), Timestamp: now}},
		Warnings: []*client.VertexWarning{{Vertex: id, Short: []byte(bad + "short"), Detail: [][]byte{[]byte(bad + "detail")}}},
	}
	close(w.statuses)
	w.wait()
	for _, word := range []string{"name", "fault", "output", "status"} {
		if !strings.Contains(shown.String(), word) {
			t.Errorf("%s is not shown:\n%q", word, &shown)
		}
	}
	if strings.ContainsAny(shown.String(), "\x1b\x07\u009b") {
		t.Errorf("escapes are shown:\n%q", &shown)
	}
	if f := w.failure(nil); f == nil || strings.ContainsAny(f.Step+f.Message+strings.Join(f.Lines, ""), "\x1b\x07\u009b") {
		t.Errorf("%+v", f)
	}
}

// A step that writes without end leaves the end of it.
func TestOutputIsBounded(t *testing.T) {
	w := Progress{}.watch()
	id, now := digest.FromString("step"), time.Now()
	line := []byte(strings.Repeat("x", 4000) + "\n")
	for range 1000 {
		w.statuses <- &client.SolveStatus{Logs: []*client.VertexLog{{Vertex: id, Data: line, Timestamp: now}}}
	}
	w.statuses <- &client.SolveStatus{
		Logs:     []*client.VertexLog{{Vertex: id, Data: []byte("the cause\n"), Timestamp: now}},
		Vertexes: []*client.Vertex{{Digest: id, Name: "[1/1] RUN yes", Error: strings.Repeat("e", 1<<20)}},
	}
	close(w.statuses)
	w.wait()
	f := w.failure(nil)
	if f == nil || f.Lines[len(f.Lines)-1] != "the cause" || len(f.Lines) > 20 || len(strings.Join(f.Lines, "")) > maxLog || len(f.Message) > 2000 {
		t.Errorf("%d lines, a message of %d bytes", len(f.Lines), len(f.Message))
	}
	if kept := len(w.logs[id.String()].text); kept > 2*maxLog+len(line) {
		t.Errorf("%d bytes are kept", kept)
	}
}
