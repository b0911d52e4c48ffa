package syntax

import (
	"slices"
	"sort"
	"strings"

	"github.com/drydock-dev/drydock/internal/source"
)

// Joined is text assembled from pieces of a file, as Docker assembles the lines
// of an instruction. Offsets into Text map back to the file.
type Joined struct {
	Text   string
	pieces []piece
}

// A piece says that Text from offset at on, up to the next piece, stands in the
// file from offset file on.
type piece struct {
	at, file int
}

// Offset returns the file offset of the byte at i. For i == len(Text) it is the
// offset just past the last byte.
func (j Joined) Offset(i int) int {
	if len(j.pieces) == 0 {
		return i
	}
	if i == len(j.Text) && i > 0 {
		return j.Offset(i-1) + 1
	}
	n := sort.Search(len(j.pieces), func(k int) bool { return j.pieces[k].at > i }) - 1
	p := j.pieces[max(n, 0)]
	return p.file + i - p.at
}

// Span returns the span of the file from the first to the last byte of
// Text[i:k]. It may take in joints: continuation marks, line ends and comments.
func (j Joined) Span(i, k int) source.Span {
	if i >= k {
		at := j.Offset(i)
		return source.Span{Start: at, End: at}
	}
	return source.Span{Start: j.Offset(i), End: j.Offset(k-1) + 1}
}

// Slice returns the part [i, k) of j, with its own offsets from 0.
func (j Joined) Slice(i, k int) Joined {
	part := Joined{Text: j.Text[i:k], pieces: []piece{{0, j.Offset(i)}}}
	for _, p := range j.pieces {
		if i < p.at && p.at < k {
			part.pieces = append(part.pieces, piece{p.at - i, p.file})
		}
	}
	return part
}

// Moved returns j as it is where the same bytes stand by bytes further on in a
// file.
func (j Joined) Moved(by int) Joined {
	moved := Joined{Text: j.Text, pieces: slices.Clone(j.pieces)}
	for i := range moved.pieces {
		moved.pieces[i].file += by
	}
	return moved
}

// joiner builds a Joined.
type joiner struct {
	text   strings.Builder
	first  string // the only piece so far: most instructions have one line
	pieces []piece
}

func (b *joiner) add(text string, file int) {
	if text == "" {
		return
	}
	if len(b.pieces) == 0 {
		b.first = text
		b.pieces = append(b.pieces, piece{0, file})
		return
	}
	if b.text.Len() == 0 {
		b.text.Grow(8 * len(b.first))
		b.text.WriteString(b.first)
		b.pieces = slices.Grow(b.pieces, 7)
	}
	b.pieces = append(b.pieces, piece{b.text.Len(), file})
	b.text.WriteString(text)
}

func (b *joiner) joined(file int) Joined {
	if len(b.pieces) == 0 {
		return Joined{pieces: []piece{{0, file}}}
	}
	if len(b.pieces) == 1 {
		return Joined{Text: b.first, pieces: b.pieces}
	}
	return Joined{Text: b.text.String(), pieces: b.pieces}
}

// Append returns j followed by the text of file that lies under each span, which
// is how a shell gets the bodies of the heredocs after its command line. A line
// feed that the file does not have can stand between: sep.
func (j Joined) Append(f *source.File, sep string, spans ...source.Span) Joined {
	var b strings.Builder
	b.WriteString(j.Text)
	b.WriteString(sep)
	out := Joined{pieces: append([]piece(nil), j.pieces...)}
	if sep != "" {
		out.pieces = append(out.pieces, piece{len(j.Text), j.Offset(len(j.Text))})
	}
	for _, s := range spans {
		out.pieces = append(out.pieces, piece{b.Len(), s.Start})
		b.WriteString(f.Slice(s))
	}
	out.Text = b.String()
	return out
}
