package builder

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// firstBytes keeps the beginning of what is written to it.
type firstBytes struct{ bytes.Buffer }

// maxAnswer bounds what is read of an agent, in bytes.
const maxAnswer = 1 << 20

func (f *firstBytes) Write(b []byte) (int, error) {
	if room := maxAnswer - f.Len(); room > 0 {
		f.Buffer.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

// decode reads the agent's answer. It comes out of the container, and may be
// anything.
func (f *firstBytes) decode(answer any) error {
	if err := json.Unmarshal(f.Bytes(), answer); err != nil {
		return fmt.Errorf("the agent says %q: %w", Clean(f.String(), 300), err)
	}
	return nil
}

// open is a writer that is not to be closed.
type open struct{ io.Writer }

func (open) Close() error { return nil }
