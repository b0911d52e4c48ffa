package packagecleanup

// With "style: cache-mount" in the configuration:
//
// RUN apt-get update && apt-get install -y jq
//   =>
// RUN --mount=type=cache,target=/var/cache/apt,sharing=locked,id=apt-cache-debian-bookworm \
//     --mount=type=cache,target=/var/lib/apt/lists,sharing=locked,id=apt-lists-debian-bookworm \
//     rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y jq
//
// The IDs keep the releases apart, which would spoil each other's lists; docker-clean
// would empty the cache. Declined: a frontend older than cache mounts; a release
// that is not known; lists that another RUN reads, since it would not see them.
//
// Left out, and cleaned up instead: apk, whose cache needs a link in the image; dnf
// and its relatives, which keep packages only if configured to; composer, conda,
// gem and bundler, whose folders depend on how the image is set up.

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

const dockerClean = "rm -f /etc/apt/apt.conf.d/docker-clean"

// homeCaches are the caches that root's managers keep: "pip cache dir", "npm config
// get cache", "yarn cache dir", "uv cache dir".
var homeCaches = []struct{ manager, target string }{
	{"pip", "/root/.cache/pip"},
	{"uv", "/root/.cache/uv"},
	{"npm", "/root/.npm"},
	{"yarn", "/usr/local/share/.cache/yarn"},
}

func cacheMounts(l *layer) {
	if !l.Settings.CacheMounts || l.runs[0].onBuild() || l.runs[0].script.Opaque != "" {
		return
	}
	var wanted []string
	if inv, ok := l.runs[0].firstUse(l, "apt-get"); ok {
		if reason := l.whyNoAptMount(); reason != "" {
			l.decline(reason)
		} else {
			wanted = append(wanted, l.aptMounts(inv)...)
		}
	}
	for _, c := range homeCaches {
		if r := l.runs[0]; l.installsWith(c.manager) && !covered(r, home(c.target)) && !covered(r, c.target) {
			if user := l.stage.UserAt(r.inst); user.Known && !user.IsRoot() || !user.Known && user.Inst != nil {
				l.decline("the home directory of " + c.manager + "'s user is not known")
				continue
			}
			r.mounts = append(r.mounts, c.target)
			wanted = append(wanted, "--mount=type=cache,target="+c.target)
		}
	}
	if len(wanted) == 0 {
		return
	}
	if value := l.oldFrontend(); value != "" {
		l.fix, l.did, l.runs[0].mounts = fix.Fix{}, nil, nil
		l.decline("the frontend " + value + " has no cache mounts")
		return
	}
	joint := " " + string(l.File.Escape) + l.File.EOL() + l.File.Style().Indent
	flags := edit.Insert(l.runs[0].inst.Args.Offset(0), strings.Join(wanted, joint)+joint)
	l.fix.Edits = append([]edit.Edit{flags}, l.fix.Edits...)
	l.note("keep the cache in a mount")
}

// oldFrontend is the frontend that the file asks for if it is older than cache
// mounts, which came with 1.2 (docs.docker.com/build/buildkit/dockerfile-release-notes).
func (l *layer) oldFrontend() string {
	for _, d := range l.File.Directives {
		_, tag, _ := strings.Cut(d.Value, "docker/dockerfile:")
		if d.Name == "syntax" && (tag == "1.0" || tag == "1.1" || strings.HasPrefix(tag, "1.0.") || strings.HasPrefix(tag, "1.1.")) {
			return d.Value
		}
	}
	return ""
}

func (l *layer) installsWith(manager string) bool {
	for _, inv := range l.uses(manager) {
		if inv.Action == pkgmgr.Install {
			return true
		}
	}
	return false
}

// firstUse is the first command of the layer that runs a manager, if an install
// follows.
func (r *block) firstUse(l *layer, manager string) (pkgmgr.Invocation, bool) {
	uses := l.uses(manager)
	if len(uses) == 0 || !l.installsWith(manager) || covered(r, aptLists) {
		return pkgmgr.Invocation{}, false
	}
	return uses[0], true
}

func (l *layer) whyNoAptMount() string {
	switch {
	case l.stage.Image.Release == "":
		return "the release of the base image, which would name the cache, is not known"
	case !l.updates():
		return "the lists are fetched in another RUN, which a mount would hide"
	}
	return l.reader(l.last())
}

// aptMounts prepares the layer for apt's mounts and returns them.
func (l *layer) aptMounts(first pkgmgr.Invocation) []string {
	r := l.runs[0]
	command := first.Sudo() + dockerClean
	step := r.script.StepOf(first.Command)
	if step < 0 || l.blockOf(first) != r {
		return nil
	}
	edits, ok := r.script.InsertBefore(step, command)
	if !ok {
		l.decline("the script has no place for what apt's cache needs")
		return nil
	}
	l.edit("keep the cache in a mount", edits...)
	l.change(fix.AddCommand, command)
	image := l.stage.Image
	id := strings.ToLower(image.Distro.String()) + "-" + image.Release
	var mounts []string
	for _, c := range []struct{ target, id string }{{"/var/cache/apt", "apt-cache"}, {aptLists, "apt-lists"}} {
		r.mounts = append(r.mounts, c.target)
		mounts = append(mounts, fmt.Sprintf("--mount=type=cache,target=%s,sharing=locked,id=%s-%s", c.target, c.id, id))
	}
	for _, other := range l.runs[1:] {
		other.mounts = r.mounts
	}
	return mounts
}
