package serve

import (
	"net/http"
	"sync/atomic"
)

// A Front answers from the moment that a process listens: it lives, and is not ready
// until Open says who answers. The zero value is one.
type Front struct{ behind atomic.Pointer[http.Handler] }

// Open has h answer from now on.
func (f *Front) Open(h http.Handler) { f.behind.Store(&h) }

func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := f.behind.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Path == "/healthz" {
		health(w, r)
		return
	}
	w.Header().Set("Retry-After", "5")
	http.Error(w, "migrating: the tables of the database are being made or updated", http.StatusServiceUnavailable)
}
