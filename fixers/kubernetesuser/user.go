package kubernetesuser

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/accounts"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
)

// A user is whom an image runs as.
type user struct {
	at     source.Span // the USER, or the FROM of the base image that decides
	uid    int         // -1 if it is not known
	gid    int         // of the primary group; -1 if it is not known
	name   string      // "" for a number
	reason string      // why uid is not known
	known  *accounts.Known
}

func (u user) isNonRoot() bool { return u.uid > 0 }

// userOf gives the user of the image that is built with --target.
func (w *writing) userOf(target string) user {
	u, seen := w.users[target]
	if !seen {
		u = read(w.pass.Build, w.pass.Context, target)
		w.users[target] = u
	}
	return u
}

func read(model *build.Model, context *project.Context, target string) user {
	stage := model.Last()
	if target != "" {
		stage = model.StageBy(target, len(model.Stages))
	}
	if stage == nil {
		return user{at: model.Last().From.Span, uid: -1, gid: -1, reason: "the stage that is built is not known"}
	}
	final := stage.FinalUser()
	u := user{at: stage.Bottom().From.Span, uid: -1, gid: -1, known: accounts.At(context, stage, nil)}
	if final.Inst != nil {
		u.at = final.Inst.Span
	}
	switch {
	case stage.Image.Distro == facts.Windows:
		u.reason = "the image is one of Windows"
	case len(final.Args) > 0:
		u.reason = "the user comes from ARG " + final.Args[0]
	case !final.Known && final.Inst == nil:
		u.reason = "the user of the base image is not known"
	case !final.Known:
		u.reason = "the user comes from " + final.Inst.Args.Text
	case final.Inst == nil:
		u.ofBase(stage)
	default:
		u.ofText(final)
	}
	return u
}

// ofBase takes the account that the base image runs as.
func (u *user) ofBase(stage *build.Stage) {
	account, _ := facts.DefaultUser(stage.Bottom().Ref)
	u.uid, u.gid = account.UID, account.GID
}

func (u *user) ofText(final build.User) {
	id, err := strconv.Atoi(final.Name)
	if err != nil {
		u.name, u.reason = final.Name, fmt.Sprintf("the image names its user, %s", final.Name)
		return
	}
	u.uid = id
	if gid, err := strconv.Atoi(final.Group); err == nil {
		u.gid = gid
	} else if final.Group == "" {
		u.gid = primaryGroup(u.known, id)
	}
}

// primaryGroup is the ID of the group that an account's line in /etc/passwd gives
// to the user of that ID, -1 if it is not known.
func primaryGroup(known *accounts.Known, uid int) int {
	for _, a := range slices.Backward(known.Users) {
		if id, ok := a.UID.Number(); !ok || id != uid {
			continue
		}
		if a.Unsure != "" {
			return -1
		}
		if gid, ok := a.GID.Number(); ok {
			return gid
		}
		group, ok := known.GroupNamed(a.Group)
		if gid, isNumber := group.GID.Number(); ok && isNumber && group.Unsure == "" {
			return gid
		}
		return -1
	}
	return -1
}

// number gives the ID of an account by its name, as compose files use it.
func (u user) number(name string) (int, bool) {
	account, ok := u.known.User(accounts.Literal(name))
	if !ok || account.Unsure != "" {
		return 0, false
	}
	return account.UID.Number()
}

// group gives the ID of a group by its name.
func (u user) group(name string) (int, bool) {
	group, ok := u.known.GroupNamed(accounts.Literal(name))
	if !ok || group.Unsure != "" {
		return 0, false
	}
	return group.GID.Number()
}
