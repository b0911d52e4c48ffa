package builder

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/util/progress/progressui"
)

// Progress says where a build's progress goes.
type Progress struct {
	W    io.Writer // nil for nowhere
	Mode string    // of BuildKit's display: auto, plain, tty, rawjson
}

// maxLog bounds what is kept of the output of one step, in bytes.
const maxLog = 64 << 10

// A watch follows a build.
type watch struct {
	statuses chan *client.SolveStatus
	done     sync.WaitGroup

	order    []string
	vertices map[string]*client.Vertex // by digest
	logs     map[string]*Tail          // by digest
}

// watch starts to follow a build, whose statuses the builder sends and closes.
func (p Progress) watch() *watch {
	w := &watch{statuses: make(chan *client.SolveStatus), vertices: map[string]*client.Vertex{}, logs: map[string]*Tail{}}
	shown := make(chan *client.SolveStatus)
	w.done.Go(func() {
		defer close(shown)
		for s := range w.statuses {
			w.note(s)
			shown <- s
		}
	})
	w.done.Go(func() {
		if p.W != nil {
			if d, err := progressui.NewDisplay(p.W, progressui.DisplayMode(p.Mode)); err == nil {
				// The display must see the end of a build whose context has ended.
				_, _ = d.UpdateFrom(context.Background(), cleaned(shown))
			}
		}
		for range shown {
		}
	})
	return w
}

// cleaned strips terminal escapes from all that a Dockerfile and its steps can put
// into what is shown.
func cleaned(in <-chan *client.SolveStatus) chan *client.SolveStatus {
	out := make(chan *client.SolveStatus)
	go func() {
		defer close(out)
		for s := range in {
			out <- clean(s)
		}
	}()
	return out
}

func clean(s *client.SolveStatus) *client.SolveStatus {
	shown := &client.SolveStatus{}
	for _, v := range s.Vertexes {
		vertex := *v
		vertex.Name, vertex.Error = Clean(v.Name, maxLog), Clean(v.Error, maxLog)
		shown.Vertexes = append(shown.Vertexes, &vertex)
	}
	for _, v := range s.Statuses {
		status := *v
		status.ID, status.Name = Clean(v.ID, maxLog), Clean(v.Name, maxLog)
		shown.Statuses = append(shown.Statuses, &status)
	}
	for _, l := range s.Logs {
		line := *l
		line.Data = []byte(Clean(string(l.Data), maxLog))
		shown.Logs = append(shown.Logs, &line)
	}
	for _, w := range s.Warnings {
		warning := *w
		warning.Short, warning.Detail, warning.URL = []byte(Clean(string(w.Short), maxLog)), nil, Clean(w.URL, maxLog)
		for _, d := range w.Detail {
			warning.Detail = append(warning.Detail, []byte(Clean(string(d), maxLog)))
		}
		warning.SourceInfo = nil // the text of the Dockerfile, which the user has
		shown.Warnings = append(shown.Warnings, &warning)
	}
	return shown
}

func (w *watch) note(s *client.SolveStatus) {
	for _, v := range s.Vertexes {
		id := v.Digest.String()
		if w.vertices[id] == nil {
			w.order = append(w.order, id)
		}
		w.vertices[id] = v
	}
	for _, l := range s.Logs {
		id := l.Vertex.String()
		if w.logs[id] == nil {
			w.logs[id] = &Tail{Limit: maxLog}
		}
		_, _ = w.logs[id].Write(l.Data)
	}
}

func (w *watch) wait() { w.done.Wait() }

// steps are the instructions of the Dockerfile that were run or found in the
// cache.
func (w *watch) steps() []Step {
	var all []Step
	for _, id := range w.order {
		v := w.vertices[id]
		if isInstruction(v.Name) && (v.Cached || v.Completed != nil) {
			all = append(all, Step{Name: Clean(v.Name, 300), Cached: v.Cached})
		}
	}
	return all
}

// isInstruction reports whether a vertex is an instruction: "[build 2/5] RUN make".
func isInstruction(name string) bool {
	place, _, ok := strings.Cut(name, "] ")
	return ok && strings.HasPrefix(place, "[") && strings.Contains(place, "/") && !strings.HasPrefix(place, "[internal")
}

// failure tells of a Dockerfile that does not build; nil if err is about the
// builder itself.
func (w *watch) failure(err error) *Failure {
	for _, id := range slices.Backward(w.order) {
		v := w.vertices[id]
		if v.Error == "" || strings.Contains(v.Error, "context canceled") {
			continue
		}
		f := &Failure{Message: oneLine(v.Error), Step: Clean(v.Name, 300)}
		if log := w.logs[id]; log != nil {
			f.Lines = lastLines(log.String(), 20)
		}
		return f
	}
	// What the frontend refuses has no vertex: a file that does not parse, a stage
	// that is not there.
	var solve *errdefs.SolveError
	if errors.As(err, &solve) || len(errdefs.Sources(err)) > 0 {
		return &Failure{Message: oneLine(err.Error())}
	}
	return nil
}

func oneLine(text string) string {
	text = strings.TrimPrefix(Clean(text, 2000), "failed to solve: ")
	return strings.Join(strings.Fields(text), " ")
}
