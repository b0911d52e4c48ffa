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
	image := facts.Image(pl.slimRef)
	release := image.Release
	if i := slices.IndexFunc(image.Possible, facts.IsArchived); release == "" && i >= 0 {
		release = image.Possible[i]
	}
	if len(pl.packages) == 0 || !facts.IsArchived(release) || slices.ContainsFunc(pl.places, func(at *place) bool { return has(at.effects, effects.Installs) }) {
		return ""
	}
	return "the runtime stage needs " + pl.packages[0] + ", and Debian has archived the packages of " + release
}

// baseWorkdir is the working directory of the file's own base image, where the file
// keeps it and the runtime stage's image has another; "" else.
func (pl *plan) baseWorkdir() string {
	dir := facts.Workdir(pl.stage.Ref)
	if dir == facts.Workdir(pl.slimRef) {
		return ""
	}
	for _, at := range pl.places {
		if at.inst.Name != "WORKDIR" {
			continue
		}
		if first := strings.Trim(at.inst.Args.Text, `"`); strings.HasPrefix(first, "/") || strings.HasPrefix(first, "$") {
			return ""
		}
		return dir
	}
	return dir
}

// gains says why a split would save nothing, or "".
func (pl *plan) gains() string {
	if why := pl.archived(); why != "" {
		return why
	}
	if len(pl.tree.paths)+len(pl.outputs)+len(pl.artefacts) == 0 {
		return "nothing that is built is known to be of use at run time"
	}
	for _, at := range pl.places[:pl.index(pl.firstInstall())] {
		user := pl.stage.UserAt(at.inst)
		byImage := user.Inst == nil && !user.Known && pl.profile.root
		if len(pl.packages) > 0 && !user.IsRoot() && !byImage {
			return "the install of " + pl.packages[0] + " would run as USER " + user.Name
		}
	}
	if !pl.sameRef || pl.gained {
		return ""
	}
	there, _ := facts.Preinstalled(pl.stage.Ref)
	for _, at := range pl.places {
		for _, p := range at.pkgs {
			if _, why := pl.runtimeOf(p); why != "" && (!p.removed || p.leaves) && !slices.Contains(there, p.name) {
				return ""
			}
		}
	}
	variant := pl.slim + " has no slimmer variant"
	if image := pl.stage.Image; image.Distro == facts.Debian && !image.Slim && !pl.profile.sameImage {
		variant = "no slimmer variant of " + pl.slim + " is known"
	}
	return "nothing is gained: " + variant + ", and no package that stays is for the build alone"
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
