package forge

import "sync"

// A Failure keeps the first error of several readers. The zero value has none.
type Failure struct {
	mu    sync.Mutex
	first error
}

// Keep notes an error, unless there is one already.
func (f *Failure) Keep(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.first == nil {
		f.first = err
	}
}

// Err is the first failure to get a file. Whoever reads files may take one that
// cannot be read for one that says nothing.
func (f *Failure) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.first
}
