package numericuser

import (
	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/deploy"
	"github.com/drydock-dev/drydock/internal/fix"
)

// demands are what the manifests and compose files that run an image of the stage
// ask of its user.
func demands(p *fix.Pass, s *build.Stage) []deploy.Demand {
	if p.Repository == nil {
		return nil
	}
	var all []deploy.Demand
	for _, d := range deploy.Of(p.Repository, p.Settings.Images).Demands(p.Path, p.Read) {
		stage := p.Build.Last()
		if d.Target != "" {
			stage = p.Build.StageBy(d.Target, len(p.Build.Stages))
		}
		if stage == s || d.Target == "$" {
			all = append(all, d)
		}
	}
	return all
}

// demandReason is why those who run the image may need root.
func demandReason(p *fix.Pass, s *build.Stage) string {
	for _, d := range demands(p, s) {
		if d.Root != "" {
			return d.Place + " " + d.Root
		}
	}
	return ""
}

// demandedID is the ID that manifests run the images of a user as in any case, 0
// if none does, or if they differ: a volume's files may belong to it.
func demandedID(p *fix.Pass, stages ...*build.Stage) int {
	id := 0
	for _, s := range stages {
		for _, d := range demands(p, s) {
			switch {
			case d.UserID <= 0 || d.UserID == id:
			case id != 0:
				return 0
			default:
				id = d.UserID
			}
		}
	}
	return id
}

// stagesOf are the stages whose images run as the user that the change is about.
func (c *change) stagesOf() []*build.Stage {
	var stages []*build.Stage
	for _, s := range c.pass.Build.Stages {
		if s.FinalUser().Inst == c.inst {
			stages = append(stages, s)
		}
	}
	return stages
}
