package forge_test

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/forge"
)

func TestMemoryForgetsWhatWasNotUsedForLongest(t *testing.T) {
	m := &forge.Memory{Bytes: 30}
	has := func(want string) {
		t.Helper()
		got := ""
		for _, key := range []string{"a", "b", "c", "d"} {
			if value, ok := m.Get(t.Context(), key); ok {
				got += key + "=" + string(value[:1]) + " "
			}
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	put := func(key, value string, n int) { m.Put(t.Context(), key, []byte(strings.Repeat(value, n))) }
	put("a", "1", 9)
	put("b", "2", 9)
	put("c", "3", 9)
	has("a=1 b=2 c=3")
	m.Get(t.Context(), "a")
	put("d", "4", 9)
	has("a=1 c=3 d=4")
	put("a", "5", 9) // in the place of the old one
	has("a=5 c=3 d=4")
	put("b", "6", 100) // never fits
	has("a=5 c=3 d=4")
	var none forge.Memory
	none.Put(t.Context(), "a", []byte("x"))
	if _, ok := none.Get(t.Context(), "a"); ok {
		t.Error("nothing is kept")
	}
}
