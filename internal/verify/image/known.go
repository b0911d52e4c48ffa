package image

import "sync"

// Known are layers that were read, by the digests of their blobs: the images of one
// run are built on the same bases, and a base is most of an image. It may be used
// from several goroutines. A digest is the builder's word, as the image is.
type Known struct {
	mu     sync.Mutex
	layers map[string]*layer
	files  int // of all layers
}

// layer gives a layer, nil if it is not known.
func (k *Known) layer(digest string) *layer {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.layers[digest]
}

// maxKnown bounds the files of all known layers, at some 200 bytes each.
const maxKnown = 500_000

// keep takes a layer in. What was known gives way when it becomes too much.
func (k *Known) keep(digest string, l *layer) {
	if k == nil || len(l.entries) > maxKnown {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.layers == nil || k.files+len(l.entries) > maxKnown {
		k.layers, k.files = map[string]*layer{}, 0
	}
	k.layers[digest] = l
	k.files += len(l.entries)
}
