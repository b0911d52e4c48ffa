package contract_test

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/fix"
)

func TestPackages(t *testing.T) {
	const before = "FROM debian\nRUN apt-get update && apt-get install -y git curl=7.1\n"
	const joined = "FROM debian\nRUN apt-get update && apt-get install -y --no-install-recommends git curl=7.1 && rm -rf /var/lib/apt/lists/*\n"
	with := func(old, new string) string { return replace(before, old, new) }
	check(t, []rewrite{
		{name: "cleaned up", before: before, after: joined},
		{name: "joined from two", before: "FROM debian\nRUN apt-get update\nRUN apt-get install git curl=7.1\n", after: joined},
		{name: "installed twice, then once", before: "FROM debian\nRUN apt-get update && apt-get install -y git git\n", after: "FROM debian\nRUN apt-get update && apt-get install -y git\n"},
		{name: "lost", before: before, after: with("git ", ""), why: "the package git (apt-get) is not installed"},
		{name: "dropped", before: before, after: with("git ", ""), changes: change(fix.DropPackage, "git")},
		{name: "another version", before: before, after: with("=7.1", ""), why: "the package curl=7.1 (apt-get) is not installed"},
		{name: "dropped by its name", before: before, after: with(" curl=7.1", ""), changes: change(fix.DropPackage, "curl")},
		{name: "new", before: before, after: with("git", "git vim"), why: "the package vim (apt-get) is new"},
		{name: "declared", before: before, after: with("git", "git vim"), changes: change(fix.AddPackage, "vim")},
		{name: "loses -y", before: before, after: with("-y ", ""), why: "has lost -y"},
		{name: "keeps its packages in a mount", before: "FROM a\nRUN dnf install -y x\n", after: "FROM a\nRUN --mount=type=cache,target=/var/cache/dnf dnf install -y --setopt=keepcache=1 x\n"},
		{name: "keeps its packages in the image", before: "FROM a\nRUN dnf install -y x\n", after: "FROM a\nRUN dnf install -y --setopt=keepcache=1 x\n", why: "keeps its packages in the image"},
		{name: "fetches the index into a mount", before: "FROM a\nRUN apk add --no-cache x\n", after: "FROM a\nRUN --mount=type=cache,target=/etc/apk/cache apk add --update-cache x\n"},
		{name: "fetches the index by another name", before: "FROM a\nRUN apk add --update x\n", after: "FROM a\nRUN apk add --update-cache x\n"},
		{name: "fetches no index any more", before: "FROM a\nRUN apk add --update x\n", after: "FROM a\nRUN apk add x\n", why: "has lost --update"},
		{name: "fetches the index for a later install", before: "FROM a\nRUN apk add --no-cache x && apk add y.apk\n", after: "FROM a\nRUN --mount=type=cache,target=/etc/apk/cache apk add --update-cache x && apk add y.apk\n"},
		{name: "has an index of another RUN", before: "FROM a\nRUN apk add --update x\nRUN apk add y\n", after: "FROM a\nRUN apk add --no-cache x\nRUN apk add y\n", why: "has no package lists any more"},
		{name: "has no index in a mount", before: "FROM a\nRUN apk add --no-cache x\n", after: "FROM a\nRUN --mount=type=cache,target=/etc/apk/cache apk add x\n", why: "has no package lists any more"},
		{name: "gains an option", before: before, after: with("-y", "-y --allow-unauthenticated"), why: "is new or installed with other options"},
		{name: "loses an option", before: with("-y", "-y -t sid"), after: before, why: "not installed as before"},
		{name: "may fail now", before: before, after: with("curl=7.1", "curl=7.1 || true"), why: "chained to its script in another way"},
		{name: "has no lists", before: "FROM debian\nRUN apt-get update\nRUN apt-get install git\nRUN apt-get install vim\n", after: "FROM debian\nRUN apt-get update && apt-get install git && rm -rf /var/lib/apt/lists/*\nRUN apt-get install vim\n", why: "the install of vim has no package lists"},
		{name: "loses the update", before: before, after: with("apt-get update && ", ""), why: "has no package lists"},
		{name: "added without update", before: "FROM debian\n", after: "FROM debian\nRUN apt-get install -y git\n", changes: change(fix.AddPackage, "git"), why: "git is installed without package lists"},
		{name: "apk without lists", before: "FROM alpine\nRUN apk update && apk add git\n", after: "FROM alpine\nRUN apk add --no-cache git\n"},
		{name: "apk, with its lists gone", before: "FROM alpine\nRUN apk update && apk add git\n", after: "FROM alpine\nRUN apk add git\n", why: "has no package lists"},
		{name: "pip without cache", before: "FROM python\nRUN pip install -r r.txt\n", after: "FROM python\nRUN pip install --no-cache-dir -r r.txt\n"},
		{name: "pip of another list", before: "FROM python\nRUN pip install -r r.txt\n", after: "FROM python\nRUN pip install -r s.txt\n", why: "not installed as before"},
		{name: "another Python", before: "FROM python\nRUN pip install x\n", after: "FROM python\nRUN python2 -m pip install x\n", why: "not installed as before"},
		{name: "an install whose list is elsewhere is lost", before: "FROM ruby\nRUN bundle install\n", after: "FROM ruby\n", why: "the package bundle install (bundle) is not installed"},
		{name: "in another environment", before: "FROM node\nENV NODE_ENV=production\nRUN npm ci\n", after: "FROM node\nRUN npm ci\nENV NODE_ENV=production\n", why: "the install of npm ci does not see NODE_ENV"},
		{name: "in another folder", before: "FROM node\nWORKDIR /a\nRUN npm ci\nWORKDIR /b\n", after: "FROM node\nWORKDIR /b\nRUN npm ci\n", why: "runs in another WORKDIR"},
		{name: "the system's in another folder", before: "FROM debian\nWORKDIR /a\nRUN apt-get install git\n", after: "FROM debian\nRUN apt-get install git\nWORKDIR /a\n"},
		{name: "as another user", before: "FROM debian\nRUN apt-get install git\nUSER 1\n", after: "FROM debian\nUSER 1\nRUN apt-get install git\n", why: "runs as another USER"},
		{name: "in an if", before: "FROM debian\nRUN if x; then apt-get update; apt-get install git; fi\n", after: "FROM debian\nRUN if x; then apt-get update; apt-get install -y git && rm -rf /var/lib/apt/lists/*; fi\n"},
		{name: "out of an if", before: "FROM debian\nRUN if x; then apt-get install git; fi\n", after: "FROM debian\nRUN x; apt-get install git\n", why: "chained to its script in another way"},
	})
}

func TestPackagesOfASplit(t *testing.T) {
	const before = "FROM python\nRUN apt-get update && apt-get install -y gcc libpq-dev\nRUN pip install x\n"
	const after = "FROM python AS build\nRUN apt-get update && apt-get install -y gcc libpq-dev\nRUN pip install x\nFROM python:slim\n" +
		"RUN apt-get update && apt-get install -y libpq5\nCOPY --from=build /venv /venv\n"
	declared := []fix.Change{
		{Kind: fix.ChangeBase, Subject: "python:slim"},
		{Kind: fix.DropPackage, Subject: "gcc"},
		{Kind: fix.DropPackage, Subject: "libpq-dev"},
		{Kind: fix.DropPackage, Subject: "x"},
		{Kind: fix.AddPackage, Subject: "libpq5"},
	}
	check(t, []rewrite{
		{name: "all declared", before: before, after: after, changes: declared},
		{name: "libpq-dev does not reach the image", before: before, after: after, changes: append(declared[:2:2], declared[3:]...), why: "the package libpq-dev"},
		{name: "libpq5 is new", before: before, after: after, changes: declared[:4], why: "the package libpq5 (apt-get) is new"},
	})
}

func TestCacheMounts(t *testing.T) {
	const before = "FROM python\nRUN --mount=type=secret,id=s pip install --no-cache-dir x\n"
	const mounted = "FROM python\nRUN --mount=type=cache,target=/root/.cache/pip --mount=type=secret,id=s pip install x\n"
	check(t, []rewrite{
		{name: "of the manager's cache", before: before, after: mounted},
		{name: "of a compiler, declared", before: "FROM a\nRUN x\n", after: "FROM a\nRUN --mount=type=cache,target=/c x\n", changes: []fix.Change{{Kind: fix.AddCache, Subject: "/c"}}},
		{name: "another than is declared", before: "FROM a\nRUN x\n", after: "FROM a\nRUN --mount=type=cache,target=/d x\n", changes: []fix.Change{{Kind: fix.AddCache, Subject: "/c"}}, why: "has gained --mount="},
		{name: "a secret under the name of a cache", before: "FROM a\nRUN x\n", after: "FROM a\nRUN --mount=type=secret,target=/c x\n", changes: []fix.Change{{Kind: fix.AddCache, Subject: "/c"}}, why: "has gained --mount="},
		{name: "of another folder", before: before, after: replace(mounted, "/root/.cache/pip", "/srv"), why: "has"},
		{name: "the secret is lost", before: before, after: replace(before, "--mount=type=secret,id=s ", ""), why: "has lost --mount="},
		{name: "a secret is gained", before: "FROM a\nRUN x\n", after: "FROM a\nRUN --mount=type=secret,id=s x\n", why: "has gained --mount="},
		{name: "the network is gained", before: "FROM a\nRUN --network=none x\n", after: "FROM a\nRUN x\n", why: "other options of RUN"},
		{name: "lists in a mount are not for the next RUN",
			before: "FROM debian\nRUN apt-get update\nRUN apt-get install git\n",
			after:  "FROM debian\nRUN --mount=type=cache,target=/var/lib/apt apt-get update\nRUN apt-get install git\n", why: "has no package lists"},
	})
}
