package multistage

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/accounts"
	"github.com/drydock-dev/drydock/internal/build/effects"
)

// installAs places an install that runs as a user that is not root: the build stage
// gets the account and the folders that were made for it, and the runtime stage the
// dependencies as that user's. It says why that cannot be.
//
//	RUN useradd -m app               =>  RUN useradd -m app
//	USER app                             USER app
//	RUN pip install --user flask         RUN pip install --user flask
//	                                     ...
//	                                     COPY --from=build --chown=app /home/app/.local /home/app/.local
func (pl *plan) installAs(at *place, user build.User) string {
	refused := "the install runs as USER " + user.Name
	if user.Inst == nil || !user.Known || len(user.Args) > 0 || pl.isBuild() || pl.tree.isNew() || pl.tree.system {
		return refused
	}
	dir, ok := pl.homeFolder(at)
	for _, p := range pl.tree.paths {
		if (!ok || !isWithin(p, dir)) && !pl.isGivenTo(at, p) && !(pl.profile == &ruby && p == bundleHome) {
			return refused + ", into " + p
		}
	}
	if why := pl.findSource(at); why != "" {
		return why
	}
	for _, earlier := range pl.places[:pl.index(at)] {
		switch {
		case earlier.inst.Name == "USER":
			earlier.build = true
		case has(earlier.effects, effects.Accounts):
			earlier.build = true
			pl.declareAgain(pl.stage.Script(earlier.inst).Commands)
		case has(earlier.effects, effects.Files) && (pl.makesRoom(earlier) || pl.givesFolder(earlier, at)):
			if name := pl.copiedOver(earlier); name != "" && !at.source {
				return refused + ", whose folder is made out of " + name
			}
			earlier.build = true
			pl.declareAgain(pl.stage.Script(earlier.inst).Commands)
		}
	}
	pl.tree.owner, pl.tree.owned = user.Name, "who installed them"
	if user.Group != "" {
		pl.tree.owner += ":" + user.Group
	}
	return ""
}

// dropUsers keeps a USER out of the runtime stage that another follows before
// anything runs as it, where a command that stays behind stood between them; and
// one that names the user in force.
func (pl *plan) dropUsers() {
	var unused, inForce, before *place
	left := false
	for _, at := range pl.places {
		switch {
		case at.inst.Name == "USER":
			if unused != nil && left {
				unused.runtime = false
				inForce = before
			}
			if inForce != nil && inForce.inst.Args.Text == at.inst.Args.Text {
				at.runtime = at.runtime && !left
				unused, left = nil, false
				continue
			}
			unused, before, inForce, left = at, inForce, at, false
		case at.runtime:
			unused = nil
		default:
			left = true
		}
	}
}

// isGivenTo reports whether a RUN before an install gives a folder that it installs
// below to an account.
func (pl *plan) isGivenTo(at *place, p string) bool {
	return slices.ContainsFunc(pl.places[:pl.index(at)], func(earlier *place) bool {
		return slices.ContainsFunc(earlier.effects, func(e effects.Effect) bool {
			return e.Program == "chown" && slices.ContainsFunc(e.Writes, func(w string) bool { return isWithin(p, strings.TrimSuffix(w, "/")) })
		})
	})
}

// makesRoom reports whether a RUN makes, or gives away, a folder that dependencies
// are installed below.
func (pl *plan) makesRoom(at *place) bool {
	return slices.ContainsFunc(at.effects, func(e effects.Effect) bool {
		return e.Kind == effects.Files && slices.ContainsFunc(pl.tree.paths, func(p string) bool {
			return slices.ContainsFunc(e.Writes, func(w string) bool { return isWithin(p, strings.TrimSuffix(w, "/")) })
		})
	})
}

// givesFolder reports whether a RUN gives the folder that bundler works in, and writes
// its lockfile to, to an account.
func (pl *plan) givesFolder(earlier, at *place) bool {
	return slices.ContainsFunc(earlier.effects, func(e effects.Effect) bool {
		return e.Program == "chown" && slices.ContainsFunc(e.Writes, func(w string) bool {
			return slices.ContainsFunc(at.effects, func(install effects.Effect) bool {
				bundles := install.Kind == effects.Depends && install.Install.Manager != nil && install.Install.Manager.Name == "bundle"
				return bundles && install.Dir != "" && isWithin(install.Dir, strings.TrimSuffix(w, "/"))
			})
		})
	})
}

// findSource says why it cannot be told whether an install of bundler's reads the
// source, or "".
func (pl *plan) findSource(at *place) string {
	for _, e := range at.effects {
		if e.Kind != effects.Depends || e.Install.Manager == nil || e.Install.Manager.Name != "bundle" {
			continue
		}
		if _, why := pl.readBy(at, e); why != "" {
			return why
		}
	}
	return ""
}

// copiedOver is what a COPY before a RUN brings to a folder that the RUN works on,
// or "".
func (pl *plan) copiedOver(at *place) string {
	for _, earlier := range pl.places[:pl.index(at)] {
		c, ok := pl.stage.CopyOf(earlier.inst)
		if !ok {
			continue
		}
		for _, e := range at.effects {
			for _, w := range e.Writes {
				if w = strings.TrimSuffix(w, "/"); c.Dest == "" || isWithin(w, strings.TrimSuffix(c.Dest, "/")) || isWithin(c.Dest, w) {
					return brief(earlier.inst.Args.Text)
				}
			}
		}
	}
	return ""
}

// homeFolder is the home of the user that runs a RUN: root's own, or that of an
// account which the file makes with one.
func (pl *plan) homeFolder(at *place) (string, bool) {
	if dir, set := pl.stage.EnvAt(at.inst, "HOME"); set || pl.stage.EnvSetByStage("HOME") {
		return strings.TrimSuffix(dir, "/"), strings.HasPrefix(dir, "/") && dir != "/"
	}
	user := pl.stage.UserAt(at.inst)
	if user.IsRoot() {
		return "/root", true
	}
	if !user.Known || user.Name == "" {
		return "", false
	}
	account, ok := accounts.At(pl.pass.Context, pl.stage, at.inst).User(accounts.Literal(user.Name))
	if !ok || account.Unsure != "" {
		return "", false
	}
	return homeOfAccount(account)
}

// homeOfAccount is the home that an account has for sure. useradd makes none unless
// it is asked to; adduser does, but for a system account.
func homeOfAccount(account accounts.Account) (string, bool) {
	cmd := account.By
	if cmd == nil {
		return account.Home, account.Home != "" && account.Home != "/nonexistent"
	}
	makes := cmd.Tool != accounts.Shadow && !cmd.System
	for _, w := range cmd.Shell.Words[cmd.Program+1:] {
		switch {
		case w.Value == "--no-create-home" || w.Value == "-M" || cmd.Tool != accounts.Shadow && w.Value == "-H":
			return "", false
		case w.Value == "--create-home", cmd.Tool == accounts.Shadow && w.IsFlag() && !strings.HasPrefix(w.Value, "--") && strings.Contains(w.Value, "m"):
			makes = true
		}
	}
	switch home := account.Home; {
	case !makes:
		return "", false
	case home != "":
		return strings.TrimSuffix(home, "/"), true
	}
	return "/home/" + account.Name.Text, !cmd.Home.IsGiven()
}
