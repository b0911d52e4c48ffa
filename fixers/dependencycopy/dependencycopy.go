// Package dependencycopy moves an install of dependencies above the COPY of the
// source:
//
//	# COPY . .                            =>  COPY requirements.txt ./
//	# RUN pip install -r requirements.txt =>  RUN pip install -r requirements.txt
//	#                                         COPY . .
//
// What the install reads comes from the build context: the manifest, its lockfile,
// and what these name. An install that may read more than that stays, as does one
// that depends on what stands between the COPY and itself.
//
// Invariants: the instructions between the two keep their order; the install's
// own RUN keeps its bytes unless later commands of it need the source, which then
// get a RUN of their own; what the later COPY would overwrite is never something
// that the install made.
package dependencycopy

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// Fixer is the fixer.
var Fixer = fix.Fixer{
	Name:  "dependency-copy",
	After: []string{"multistage"},
	Doc:   doc,
	Run:   run,
}

func run(pass *fix.Pass) {
	for _, stage := range pass.Build.Stages {
		if pass.Settings.CacheMounts && keepBuildCaches(pass, stage, fetchCaches) {
			continue // judged on the new text
		}
		if copiesContext(stage) && moveInstalls(pass, stage) {
			continue
		}
		if pass.Settings.CacheMounts {
			keepBuildCaches(pass, stage, compileCaches)
		}
	}
}

// moveInstalls examines a stage, and reports whether it makes a fix.
func moveInstalls(pass *fix.Pass, stage *build.Stage) bool {
	if pass.Context == nil {
		declineWithoutContext(pass, stage)
		return false
	}
	return slices.ContainsFunc(stage.Instructions, func(inst *syntax.Instruction) bool {
		return inst.Name == "RUN" && !mountsFiles(inst) && examine(pass, stage, inst)
	})
}

func copiesContext(stage *build.Stage) bool {
	for _, inst := range stage.Instructions {
		if isContextCopy(inst) {
			return true
		}
	}
	return false
}

// mountsFiles reports whether a RUN gets its manifests by a mount, and so needs no
// COPY. A mount without a type is a bind mount.
func mountsFiles(run *syntax.Instruction) bool {
	for _, f := range run.Flags {
		if f.Name == "mount" && (strings.Contains(f.Value, "type=bind") || !strings.Contains(f.Value, "type=")) {
			return true
		}
	}
	return false
}

// isContextCopy reports whether inst copies files of the build context.
func isContextCopy(inst *syntax.Instruction) bool {
	return (inst.Name == "COPY" || inst.Name == "ADD") && inst.FlagValue("from") == ""
}

// examine reports what is to be done about the installs of one RUN, and whether
// that is a fix.
func examine(pass *fix.Pass, stage *build.Stage, run *syntax.Instruction) bool {
	steps := readSteps(pass, stage, run)
	target, reason := steps.target()
	if reason == "" && target == nil {
		return false
	}
	plan, needed := newPlan(steps, target)
	switch {
	case !needed:
		return false
	case reason == "":
		reason = plan.obstacle()
	}
	if reason != "" {
		pass.Decline(run.Span, "%s", reason)
		return false
	}
	pass.Apply(run.Span, plan.message(), plan.fix())
	return true
}

// declineWithoutContext says that the files which an install reads are not known,
// where there would be something to do.
func declineWithoutContext(pass *fix.Pass, stage *build.Stage) {
	broad := false
	for _, inst := range stage.Instructions {
		switch c, ok := stage.CopyOf(inst); {
		case ok:
			broad = broad || isContextCopy(inst) && slices.ContainsFunc(c.Sources, build.CopySource.IsBroad)
		case broad && inst.Name == "RUN" && !mountsFiles(inst) && readSteps(pass, stage, inst).hasInstall():
			pass.Decline(inst.Span, "the build context is not known")
		}
	}
}
