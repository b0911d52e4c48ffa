package git

import (
	"context"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/storage/memory"
)

// A bounded storage keeps objects in memory, as far as there is room.
type bounded struct {
	*memory.Storage
	ctx   context.Context // of whoever clones
	room  *guest
	how   patience // where there is no place
	bytes int64    // of its objects
}

func (b *bounded) SetEncodedObject(o plumbing.EncodedObject) (plumbing.Hash, error) {
	if err := b.room.grow(b.ctx, o.Size(), b.how); err != nil {
		return plumbing.ZeroHash, err
	}
	b.bytes += o.Size()
	return b.Storage.SetEncodedObject(o)
}

// PackfileWriter takes a pack as it comes, so that what is in it can be refused by its
// size before it is made.
func (b *bounded) PackfileWriter() (io.WriteCloser, error) {
	from, to := io.Pipe()
	p := &pack{to, make(chan error, 1)}
	go func() {
		err := b.unpack(from)
		from.CloseWithError(err) // so that nobody writes more
		p.parsed <- err
	}()
	return p, nil
}

func (b *bounded) unpack(from io.Reader) error {
	parser, err := packfile.NewParserWithStorage(packfile.NewScanner(from), b, gauge{b})
	if err != nil {
		return err
	}
	if _, err := parser.Parse(); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, from)
	return err
}

// A pack is one that is being received.
type pack struct {
	*io.PipeWriter
	parsed chan error
}

func (p *pack) Close() error {
	p.PipeWriter.Close() // never fails
	return <-p.parsed
}

// A gauge refuses what would be too large. What a delta makes is known once it is made.
type gauge struct{ to *bounded }

func (g gauge) OnHeader(uint32) error { return nil }

func (g gauge) OnInflatedObjectHeader(_ plumbing.ObjectType, size, _ int64) error {
	return g.to.room.prepare(g.to.ctx, size, g.to.how)
}

func (g gauge) OnInflatedObjectContent(plumbing.Hash, int64, uint32, []byte) error { return nil }

func (g gauge) OnFooter(plumbing.Hash) error { return nil }
