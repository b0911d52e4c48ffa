package verify_test

import (
	"os"
	"sync"
	"testing"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
	"github.com/drydock-dev/drydock/internal/verify"
	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// reals are build contexts for Dockerfiles of the corpus, which has none and whose
// files stay where they are: FAMILY/STRATUM-SHA12.txtar is the context of
// STRATUM/SHA12.Dockerfile. In FAMILY/left.tsv are those that were drawn as well and
// cannot be judged, each with its reason.
const reals = "../../testdata/real"

// Every real Dockerfile builds and starts alike before and after multistage split
// it. The images that it names are those of the lab of the same family.
func TestLabRealDockerfiles(t *testing.T) {
	if os.Getenv("DRYDOCK_CORPUS") == "" {
		t.Skip("no corpus: run make real")
	}
	dir := labDir(t)
	corpus := corpusFiles(t)
	b := connect(t)
	known := layouts(t, dir)
	var now sync.Map // the key of each case, by its name
	if name := os.Getenv("DRYDOCK_REAL_TABLE"); name != "" {
		t.Cleanup(func() { writeReal(t, name, &now) })
	}
	for _, c := range realCases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text, there := corpus[c.file]
			if !there {
				t.Fatalf("the corpus has no %s", c.file)
			}
			folder := c.unpack(t, c.released(text))
			r := rewritten(t, folder)
			if c.isDeclined() {
				return
			}
			r.Before, r.After = asStandIn(r.Before), asStandIn(r.After)
			now.Store(c.name, c.key(r))
			if seen := c.kept(); seen != nil && seen.Key == c.key(r) && seen.Report.Proven() {
				t.Log("proven in an earlier run, with the same context and the same rewrite")
				return
			}
			images := map[string]string{}
			for _, ref := range append(imagesOf(r.Before), imagesOf(r.After)...) {
				name := standIn(ref)
				if name == "" {
					t.Fatalf("the lab has no stand-in for %s", ref)
				}
				images[ref] = known[name]
			}
			v := verify.New(verify.Options{Builder: b, Request: builder.Request{Context: folder, Layouts: images}, Accept: c.accepted(t)})
			c.keep(t, r, proves(t, v, r))
		})
	}
}

// isSplit reports whether a rewrite has more stages.
func isSplit(r verify.Rewrite) bool { return len(stagesOf(r.After)) > len(stagesOf(r.Before)) }

func stagesOf(text string) []*build.Stage {
	return build.New(syntax.Parse(source.New("Dockerfile", text)), build.Options{}).Stages
}

// imagesOf are the images that a Dockerfile is built on or copies from.
func imagesOf(text string) []string {
	var refs []string
	stages := stagesOf(text)
	for _, s := range stages {
		if s.Base == nil && s.Ref != "scratch" {
			refs = append(refs, s.Ref)
		}
		for _, inst := range s.Instructions {
			if from := inst.FlagValue("from"); from != "" && s.Model().StageBy(from, s.Index) == nil {
				refs = append(refs, from)
			}
		}
	}
	return refs
}
