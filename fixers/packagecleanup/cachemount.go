package packagecleanup

// With "style: cache-mount" in the configuration:
//
// RUN apt-get update && apt-get install -y jq
//   =>
// RUN --mount=type=cache,target=/var/cache/apt,sharing=locked,id=apt-cache-debian-bookworm \
//     --mount=type=cache,target=/var/lib/apt/lists,sharing=locked,id=apt-lists-debian-bookworm \
//     rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y jq
//
// The IDs keep the distributions apart, which would empty each other's caches:
// by release, or by the image where it does not tell the release. docker-clean
// would empty apt's cache. Lists that another RUN fetches or reads stay in their
// layer, which a mount would hide; the packages go into a mount all the same.
// Declined: a frontend older than cache mounts, an image that is not known.

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
)

const (
	aptCache    = "/var/cache/apt"
	dockerClean = "rm -f /etc/apt/apt.conf.d/docker-clean"
)

func cacheMounts(l *layer) {
	if !l.Settings.CacheMounts || l.runs[0].onBuild() || l.runs[0].script.Opaque != "" {
		return
	}
	var wanted []string
	if inv, ok := l.runs[0].firstUse(l, "apt-get"); ok {
		wanted = append(wanted, l.aptMounts(inv)...)
	}
	for _, c := range caches {
		if l.installsWith(c.manager) && !coversAny(l.runs[0], pkgmgr.ByName(c.manager).Recipe.Mounted()) {
			wanted = append(wanted, l.cacheMount(c)...)
		}
	}
	if len(wanted) == 0 {
		return
	}
	if value := l.OldFrontend(); value != "" {
		l.fix, l.did = fix.Fix{}, nil
		for _, r := range l.runs {
			r.mounts = nil
		}
		l.decline("the frontend " + value + " has no cache mounts")
		return
	}
	joint := " " + string(l.File.Escape) + l.File.EOL() + l.File.Style().Indent
	flags := edit.Insert(l.runs[0].inst.Args.Offset(0), strings.Join(wanted, joint)+joint)
	l.fix.Edits = append([]edit.Edit{flags}, l.fix.Edits...)
	l.note("keep the cache in a mount")
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
	if len(uses) == 0 || !l.installsWith(manager) || covered(r, aptLists) || covered(r, aptCache) {
		return pkgmgr.Invocation{}, false
	}
	return uses[0], true
}

// aptMounts prepares the layer for apt's mounts and returns them. The lists are
// mounted where the layer fetches them and nothing later reads them.
func (l *layer) aptMounts(first pkgmgr.Invocation) []string {
	r := l.runs[0]
	id, known := l.cacheID()
	if !known {
		l.decline("the base image, which would name the cache, is not known")
		return nil
	}
	if word := l.removesMount(aptCache); word != "" {
		l.decline("the RUN removes " + word + ", which a mount would not let it")
		return nil
	}
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
	l.reshaped = l.reshaped || first.Action == pkgmgr.Clean
	targets := []struct{ folder, id string }{{aptCache, "apt-cache"}}
	if l.updates() && l.reader(l.last()) == "" && !l.mustClean(aptLists) && l.removesMount(aptLists) == "" {
		targets = append(targets, struct{ folder, id string }{aptLists, "apt-lists"})
	}
	var mounts []string
	for _, t := range targets {
		r.mounts = append(r.mounts, t.folder)
		mounts = append(mounts, fmt.Sprintf("--mount=type=cache,target=%s,sharing=locked,id=%s-%s", t.folder, t.id, id))
	}
	for _, other := range l.runs[1:] {
		other.mounts = r.mounts
	}
	return mounts
}

// removesMount is the word of an rm in the layer that stands for a folder to be
// mounted, or for one above it: a mount cannot be removed, and the rm would fail.
// What keepMounted takes out does not count.
func (l *layer) removesMount(target string) string {
	target = home(target)
	for _, r := range l.runs {
		for _, c := range r.script.Commands {
			name, args := c.Runs()
			if name != "rm" {
				continue
			}
			for _, w := range args {
				value := home(w.Value)
				pattern := strings.IndexAny(value, "*?[{")
				switch {
				case w.IsFlag():
				case pattern > 0 && strings.HasPrefix(target, value[:pattern]),
					isUnder(target, value) && target != value,
					target == value && (c.Step.Command() != c || len(c.Redirects) > 0):
					return w.Raw
				}
			}
		}
	}
	return ""
}

// cacheID names the distribution of the base image: debian-bookworm, or by the
// image where it does not tell the release: node-lts. A cache that outlives the
// release behind a floating tag costs a download, no more: the managers name
// lists by release and check packages against them.
func (l *layer) cacheID() (id string, known bool) {
	image := l.stage.Image
	if image.Release != "" {
		name := image.Distro.String()
		if image.Flavor != "" {
			name = image.Flavor
		}
		return strings.ToLower(name) + "-" + image.Release, true
	}
	ref := facts.ParseRef(l.stage.Bottom().Ref)
	if ref.Repository == "" {
		return "", false
	}
	return strings.Trim(strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' {
			return c
		}
		return '-'
	}, strings.ToLower(ref.Repository+"-"+ref.Tag)), "-"), true
}
