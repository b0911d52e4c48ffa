package contract_test

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/fix"
)

func TestCommands(t *testing.T) {
	both := func(a, b fix.Change) []fix.Change { return []fix.Change{a, b} }
	check(t, []rewrite{
		{name: "joined", before: "FROM a\nRUN x\nRUN y\n", after: "FROM a\nRUN x \\\n # c\n && y\n"},
		{name: "lost", before: "FROM a\nRUN x && y\n", after: "FROM a\nRUN x\n", why: `the command "y" is lost`},
		{name: "dropped", before: "FROM a\nRUN x && y\n", after: "FROM a\nRUN x\n", changes: change(fix.DropCommand, "y")},
		{name: "new", before: "FROM a\nRUN x\n", after: "FROM a\nRUN x && mkdir y\n", why: `the command "mkdir y" is new`},
		{name: "added", before: "FROM a\nRUN x\n", after: "FROM a\nRUN x && mkdir y\n", changes: change(fix.AddCommand, "mkdir  y")},
		{name: "added as a list", before: "FROM a\nRUN x\n", after: "FROM a\nRUN x\nRUN a && b\n", changes: change(fix.AddCommand, "a && b")},
		{name: "changed as declared", before: "FROM a\nRUN useradd x\n", after: "FROM a\nRUN useradd -u 1 x\n",
			changes: both(fix.Change{Kind: fix.DropCommand, Subject: "useradd x"}, fix.Change{Kind: fix.AddCommand, Subject: "useradd -u 1 x"})},
		{name: "changed in its quotes", before: "FROM a\nRUN echo '$x'\n", after: "FROM a\nRUN echo $x\n", why: "is lost"},
		{name: "loses a redirect", before: "FROM a\nRUN x > y\n", after: "FROM a\nRUN x\n", why: "is lost"},
		{name: "loses an assignment", before: "FROM a\nRUN A=1 x\n", after: "FROM a\nRUN x\n", why: "is lost"},
		{name: "runs once of twice", before: "FROM a\nRUN x\nRUN y\nRUN x\n", after: "FROM a\nRUN x\nRUN y\n", why: `"x" runs 1 times instead of 2`},
		{name: "masks a failure", before: "FROM a\nRUN x\nRUN y; z\n", after: "FROM a\nRUN x && y; z\n", why: `"x" is chained`},
		{name: "is under set -e", before: "FROM a\nRUN set -e; x; y; z\n", after: "FROM a\nRUN set -e; x && y; z\n", why: `"x" is chained`},
		{name: "does not mask under set -e", before: "FROM a\nRUN set -ex; x; y\nRUN z\n", after: "FROM a\nRUN set -ex; x; y; z\n"},
		{name: "runs in another folder", before: "FROM a\nRUN cd /x && y\nRUN z\n", after: "FROM a\nRUN cd /x && y && z\n", why: `"z" is chained`},
		{name: "loses its pipe", before: "FROM a\nRUN x | y\n", after: "FROM a\nRUN x && y\n", why: "is chained"},
		{name: "loses a test", before: "FROM a\nRUN [[ -f x ]] && y\n", after: "FROM a\nRUN y\n", why: "is lost"},
		{name: "in another form", before: "FROM a\nRUN [\"x\", \"y\"]\n", after: "FROM a\nRUN x y\n", why: "is chained"},
		{name: "under another shell", before: "FROM a\nSHELL [\"bash\", \"-c\"]\nRUN x\n", after: "FROM a\nRUN x\nSHELL [\"bash\", \"-c\"]\n", why: "runs under another SHELL"},
		{name: "as another user", before: "FROM a\nRUN x\nUSER u\n", after: "FROM a\nUSER u\nRUN x\n", why: "runs as another USER"},
		{name: "as root by name", before: "FROM debian:12\nUSER root\nRUN x\n", after: "FROM debian:12\nRUN x\nUSER root\n"},
		{name: "as root, which the base may not be", before: "FROM a\nUSER root\nRUN x\n", after: "FROM a\nRUN x\nUSER root\n", why: "runs as another USER"},
		{name: "as the user's number", before: "FROM a\nUSER u\nRUN x\n", after: "FROM a\nUSER 1001\nRUN x\n", changes: change(fix.ChangeUser, "1001")},
		{name: "in another WORKDIR", before: "FROM a\nWORKDIR /a\nRUN x\nWORKDIR /b\n", after: "FROM a\nRUN x\nWORKDIR /b\n", why: "runs in another WORKDIR"},
		{name: "in the base's WORKDIR, spelled out", before: "FROM golang:1.22\nRUN x\n", after: "FROM golang:1.22\nWORKDIR /go\nRUN x\n"},
		{name: "in another than the base's WORKDIR", before: "FROM golang:1.22\nRUN x\n", after: "FROM golang:1.22\nWORKDIR /\nRUN x\nWORKDIR /go\n", why: "runs in another WORKDIR"},
		{name: "under WORKDIR /", before: "FROM a\nWORKDIR /b\nWORKDIR /\nRUN x\n", after: "FROM a\nWORKDIR /\nRUN x\n"},
		{name: "without a build argument", before: "FROM a\nARG V\nRUN x $V\n", after: "FROM a\nRUN x $V\nARG V\n", why: "does not see V"},
		{name: "with another ENV", before: "FROM a\nENV A=1\nRUN x\nENV A=2\n", after: "FROM a\nENV A=2\nRUN x\n", why: "sees another A"},
		{name: "with an ENV of later", before: "FROM a\nRUN x\nENV A=2\n", after: "FROM a\nENV A=2\nRUN x\n", why: "sees A, which it did not"},
		{name: "that cannot be read stays", before: "FROM a\nRUN x (\nRUN y\nRUN z\n", after: "FROM a\nRUN x (\nRUN y && z\n"},
		{name: "that cannot be read is changed", before: "FROM a\nRUN x (\n", after: "FROM a\nRUN y (\n", why: "is lost"},
		{name: "cannot be read any more", before: "FROM a\nRUN x\n", after: "FROM a\nRUN x (\n", why: "line 2: RUN cannot be read any more"},
	})
}

func TestCleanups(t *testing.T) {
	check(t, []rewrite{
		{name: "come", before: "FROM a\nRUN npm ci\n", after: "FROM a\nRUN npm ci && npm cache clean --force\n"},
		{name: "go", before: "FROM a\nRUN apk add x && rm -rf /var/cache/apk/*\n", after: "FROM a\nRUN apk add --no-cache x\n"},
		{name: "come without the manager", before: "FROM a\nRUN x\n", after: "FROM a\nRUN x && rm -rf /var/lib/apt/lists/*\n", why: "is new"},
		{name: "go from a RUN of their own", before: "FROM a\nRUN x\nRUN rm -rf /var/lib/apt/lists/*\n", after: "FROM a\nRUN x\n", why: "is lost"},
		{name: "that take more", before: "FROM a\nRUN apt-get install x\n", after: "FROM a\nRUN apt-get install x && rm -rf /var/lib/apt/lists/* /srv\n", why: "is new"},
		{name: "that leave the folder by ..", before: "FROM a\nRUN apt-get install x\n", after: "FROM a\nRUN apt-get install x && rm -rf /var/lib/apt/lists/../dpkg\n", why: "is new"},
		{name: "in a home", before: "FROM a\nRUN pip install x\n", after: "FROM a\nRUN pip install x && rm -rf ~/.cache/pip\n"},
		{name: "of another manager", before: "FROM a\nRUN pip install x\n", after: "FROM a\nRUN pip install x && npm cache clean --force\n", why: "is new"},
	})
}

func TestHeredocs(t *testing.T) {
	const script = "FROM a\nRUN <<EOF\nset -e\n# because\nx\ny\nEOF\n"
	const config = "FROM a\nCOPY <<EOF /c\nk=v\nEOF\n"
	check(t, []rewrite{
		{name: "script gains a clean-up", before: replace(script, "x", "apt-get install x"), after: replace(replace(script, "x", "apt-get install x"), "y\n", "y\nrm -rf /var/lib/apt/lists/*\n")},
		{name: "script loses a command", before: script, after: replace(script, "y\n", ""), why: `the command "y" is lost`},
		{name: "script loses a comment", before: script, after: replace(script, "# because\n", ""), why: `the comment "because" is lost`},
		{name: "file is changed", before: config, after: replace(config, "k=v", "k=w"), why: `the heredoc that begins with "k=v"`},
		{name: "input of a command is changed", before: "FROM a\nRUN cat <<E > /x\n1\nE\n", after: "FROM a\nRUN cat <<E > /x\n2\nE\n", why: "heredoc"},
	})
}
