package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
)

// archived says that the runtime stage would install from a release whose packages
// are not on Debian's mirrors any more, where the file itself installs none.
func (pl *plan) archived() string {
	release := facts.Image(pl.slimRef).Release
	if len(pl.packages) == 0 || !facts.IsArchived(release) || slices.ContainsFunc(pl.places, func(at *place) bool { return has(at.effects, effects.Installs) }) {
		return ""
	}
	return "the runtime stage needs " + pl.packages[0] + ", and Debian has archived the packages of " + release
}

// relativeWorkdir says that the first WORKDIR would be below another folder in the
// runtime stage, or "".
func (pl *plan) relativeWorkdir() string {
	if facts.Workdir(pl.stage.Ref) == facts.Workdir(pl.slim) {
		return ""
	}
	for _, at := range pl.places {
		switch first := at.inst.Args.Text; {
		case at.inst.Name != "WORKDIR":
			continue
		case !strings.HasPrefix(strings.Trim(first, `"`), "/") && !strings.HasPrefix(first, "$"):
			return "WORKDIR " + first + " is below the working directory of " + fromWord(pl.stage)
		}
		return ""
	}
	return ""
}

// gains says why a split would save nothing, or "".
func (pl *plan) gains() string {
	if why := pl.archived(); why != "" {
		return why
	}
	if why := pl.relativeWorkdir(); why != "" {
		return why
	}
	if len(pl.tree.paths)+len(pl.outputs)+len(pl.artefacts) == 0 {
		return "nothing that is built is known to be of use at run time"
	}
	for _, at := range pl.places[:pl.index(pl.firstInstall())] {
		if len(pl.packages) > 0 && !pl.stage.UserAt(at.inst).IsRoot() {
			return "the install of " + pl.packages[0] + " would run as USER " + pl.stage.UserAt(at.inst).Name
		}
	}
	if !pl.sameRef || pl.gained {
		return ""
	}
	for _, at := range pl.places {
		for _, p := range at.pkgs {
			if _, why := pl.runtimeOf(p); why != "" && (!p.removed || p.leaves) {
				return ""
			}
		}
	}
	return "nothing is gained: " + pl.slim + " has no slimmer variant, and no package is for the build alone"
}

// unknownDistribution says that packages are installed of which it is not known how
// the runtime stage gets them, or "".
func (pl *plan) unknownDistribution() string {
	switch pl.stage.Image.Distro {
	case facts.Debian, facts.Ubuntu, facts.Alpine:
		return ""
	}
	for _, at := range pl.places {
		if has(at.effects, effects.Installs) {
			return "the distribution of " + fromWord(pl.stage) + " is not known"
		}
	}
	return ""
}
