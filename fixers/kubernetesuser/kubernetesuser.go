package kubernetesuser

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/deploy"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// Fixer is kubernetes-user.
var Fixer = fix.Fixer{Name: "kubernetes-user", Doc: doc, After: []string{"numeric-user"}, Completes: "numeric-user", Run: run}

// run says the image's user in all files that run the image, as one fix.
//
//	securityContext:           securityContext:
//	  runAsNonRoot: true  =>     runAsNonRoot: true
//	                             runAsUser: 1001
//	                             runAsGroup: 1001
//
// Rejected: what the page says under "It declines"; each at the line where it
// stands.
func run(p *fix.Pass) {
	if p.Repository == nil || len(p.Build.Stages) == 0 {
		return
	}
	index := deploy.Of(p.Repository, p.Settings.Images)
	files, unread := index.Files(p.Path), index.Unread(p.Path)
	if len(files)+len(unread) == 0 {
		unmatched(p, index)
		return
	}
	all := writing{pass: p, index: index, users: map[string]user{}}
	for _, u := range unread {
		all.decline("%s is left alone: %s", u.File, u.Reason)
	}
	for _, name := range files {
		all.file(name)
	}
	if len(all.edits) == 0 {
		return
	}
	if name := index.OpenShift(); name != "" {
		all.notes = append(all.notes, name+" is for OpenShift, which chooses a pod's user itself: manifests say no number")
	}
	p.Apply(all.at, fmt.Sprintf("run as %s where it is deployed", strings.Join(all.numbers, " and ")), fix.Fix{
		Safety: fix.Review, Others: all.edits, Reads: []source.Span{all.at}, Claims: []string{"deploy/user"}, Notes: all.notes,
	})
}

// unmatched tells that there are manifests here, and that none is known to run
// the image.
func unmatched(p *fix.Pass, index *deploy.Index) {
	lost := index.Lost()
	if len(lost) == 0 {
		return
	}
	nearest := slices.MaxFunc(lost, func(a, b deploy.Lost) int { return cmp.Compare(nearness(p.Path, a), nearness(p.Path, b)) })
	p.Decline(p.Build.Last().From.Span,
		"no manifest is known to run the image of this Dockerfile; %s:%d runs %s: %s; images in .drydock.yaml can say more",
		nearest.File, nearest.Line, nearest.Image, nearest.Reason)
}

// nearness says how likely a container is meant to run the image of a Dockerfile:
// it is among those that build such a name, or lies in the same folders.
func nearness(dockerfile string, l deploy.Lost) int {
	if slices.Contains(l.Dockerfiles, dockerfile) {
		return 1000
	}
	for a, b := path.Dir(dockerfile), path.Dir(l.File); a != "."; a = path.Dir(a) {
		if b == a || strings.HasPrefix(b, a+"/") {
			return strings.Count(a, "/") + 1
		}
	}
	return 0
}

// A writing gathers what becomes of the files.
type writing struct {
	pass  *fix.Pass
	index *deploy.Index
	users map[string]user // by the target that is built

	at      source.Span // where the Dockerfile says the user
	numbers []string
	edits   []fix.FileEdits
	notes   []string
}

// A document is a file that is being changed.
type document struct {
	*writing
	*yamledit.File
	name    string
	changes *yamledit.Changes
	done    map[place]bool // what was put in already
}

func (w *writing) file(name string) {
	text, err := w.pass.Read(name)
	if err != nil {
		w.decline("%s: %v", name, err)
		return
	}
	f, err := yamledit.Parse(name, text)
	if err != nil {
		w.decline("%s is left alone: %v", name, err)
		return
	}
	d := document{writing: w, File: f, name: name, changes: f.Change()}
	switch {
	case project.IsCompose(name):
		d.compose()
	case deploy.IsValues(name):
		d.values()
	default:
		if reason := deploy.Template(f); reason != "" {
			w.decline("%s is left alone: %s", name, reason)
			return
		}
		d.manifest()
	}
	if d.changes.Empty() {
		return
	}
	edits, err := d.changes.Edits()
	if err != nil {
		w.decline("%s is left alone: %v", name, err)
		return
	}
	w.edits = append(w.edits, fix.FileEdits{Path: name, Edits: edits})
}

// decline reports at the user of the image.
func (w *writing) decline(format string, args ...any) {
	at := w.at
	if at == (source.Span{}) {
		at = w.userOf("").at
	}
	w.pass.Decline(at, format, args...)
}
