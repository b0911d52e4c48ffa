package fleet

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/forge/fake"
	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// TestFleetLargeClones plans repositories that are too large for the API, and so are
// cloned in memory: not as many at a time as are worked on.
func TestFleetLargeClones(t *testing.T) {
	together(t)
	n, files := scaled(t, 4, 40), scaled(t, 20, 9000)
	server := fake.New(t)
	server.TreeLimit = 1
	model := server.Add("model/large", large(files))
	gittest.Run(t, model.Dir, "repack", "-a", "-d", "-q")
	for i := range n {
		server.Copy(numbered(i), model)
	}
	r := newRun(t, server.URL, nothing)
	r.token = server.Token
	replaceIn(t, r, "everything: true", "organisations: [acme]")
	begun := time.Now()
	_, took := r.do("campaign", "plan", "c.yaml", "-q", "-j", "16")
	took.within(t)
	t.Logf("%d repositories of %d MB in %v, with %d MB", n, files*fileSize>>20, time.Since(begun).Round(time.Millisecond), took.megabytes())
}

const fileSize = 10 << 10

// large gives files that do not get smaller when they are packed.
func large(n int) map[string]string {
	random := rand.NewChaCha8([32]byte{})
	all := map[string]string{"Dockerfile": due}
	for i := range n {
		text := make([]byte, fileSize)
		random.Read(text)
		all[fmt.Sprintf("assets/%d/%d.bin", i/100, i)] = string(text)
	}
	return all
}
