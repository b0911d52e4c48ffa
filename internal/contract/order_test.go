package contract_test

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/fix"
)

func TestOrder(t *testing.T) {
	const before = "FROM node\nWORKDIR /a\nCOPY . .\nENV TITLE=x\nRUN npm ci\nRUN y\n"
	const after = "FROM node\nWORKDIR /a\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nENV TITLE=x\nRUN y\n"
	check(t, []rewrite{
		{name: "a RUN moves", before: before, after: after, changes: change(fix.MoveInstruction, "RUN npm ci")},
		{name: "a RUN moves and is edited", before: before, after: replace(after, "ci", "ci --no-audit"), changes: change(fix.MoveInstruction, "RUN npm ci")},
		{name: "a RUN moves undeclared", before: "FROM a\nCOPY . .\nRUN x\n", after: "FROM a\nRUN x\nCOPY . .\n", why: `"x" runs before "COPY .", which it followed`},
		{name: "an install moves undeclared", before: before, after: after, why: "the install of npm ci does not see TITLE"},
		{name: "a moved install loses what steers it", before: replace(before, "TITLE", "NODE_ENV"), after: replace(after, "TITLE", "NODE_ENV"), changes: change(fix.MoveInstruction, "RUN npm ci"), why: "does not see NODE_ENV"},
		{name: "a moved command loses a variable", before: replace(before, "npm ci", "z"), after: replace(after, "npm ci", "z"), changes: change(fix.MoveInstruction, "RUN z"), why: "does not see TITLE"},
		{
			name:   "a command becomes the same as one behind a copy",
			before: "FROM a\nRUN a && rm -rf /tmp/* /var/cache/apk/*\nCOPY b /\nRUN c && rm -rf /tmp/*\n",
			after:  "FROM a\nRUN a && rm -rf /tmp/*\nCOPY b /\nRUN c && rm -rf /tmp/*\n", changes: []fix.Change{{Kind: fix.DropCommand, Subject: "rm -rf /tmp/* /var/cache/apk/*"}, {Kind: fix.AddCommand, Subject: "rm -rf /tmp/*"}},
		},
		{name: "commands change places", before: "FROM a\nRUN x && y\n", after: "FROM a\nRUN y && x\n", why: `"y" runs before "x"`},
		{name: "a copy moves over a copy", before: "FROM a\nCOPY a /x\nCOPY b /x\n", after: "FROM a\nCOPY b /x\nCOPY a /x\n", why: `"COPY b" runs before "COPY a"`},
		{name: "a copy comes twice", before: "FROM a\nRUN x\nCOPY . .\n", after: "FROM a\nCOPY . .\nRUN x\nCOPY . .\n"},
		{name: "a copy moves up with its RUN", before: "FROM a\nCOPY a /a\nRUN x\n", after: "FROM a\nRUN x\nCOPY a /a\n", changes: change(fix.MoveInstruction, "COPY a /a")},
		{name: "joined over another RUN", before: "FROM a\nRUN x\nRUN y\nRUN z\n", after: "FROM a\nRUN x && z\nRUN y\n", why: "runs before"},
		{name: "one of several goes", before: "FROM a\nRUN x | k && y && z | k && w\n", after: "FROM a\nRUN x -o f && y && z | k && w\n",
			changes: []fix.Change{{Kind: fix.DropCommand, Subject: "x"}, {Kind: fix.DropCommand, Subject: "k"}, {Kind: fix.AddCommand, Subject: "x -o f"}}},
		{name: "in a new build stage", before: "FROM a\nRUN x\nRUN y\n", after: "FROM a AS b\nRUN y\nRUN x\nFROM a\nCOPY --from=b /x /x\n", why: "runs before"},
	})
}

func TestCopies(t *testing.T) {
	check(t, []rewrite{
		{name: "manifests first", before: "FROM a\nCOPY . /a\n", after: "FROM a\nCOPY package.json /a/\nCOPY . /a\n"},
		{name: "is lost", before: "FROM a\nCOPY x /x\nCOPY y /y\n", after: "FROM a\nCOPY x /x\n", why: "COPY of y to /y is lost"},
		{name: "in one", before: "FROM a\nCOPY x /x/\nCOPY y /x/\n", after: "FROM a\nCOPY x y /x/\n"},
		{name: "goes elsewhere", before: "FROM a\nCOPY x /x\n", after: "FROM a\nCOPY x /y\n", why: "is lost"},
		{name: "goes elsewhere by WORKDIR", before: "FROM a\nWORKDIR /a\nCOPY x .\nWORKDIR /b\n", after: "FROM a\nWORKDIR /b\nCOPY x .\n", why: "is lost"},
		{name: "is absolute", before: "FROM a\nWORKDIR /a\nCOPY x ./\n", after: "FROM a\nWORKDIR /a\nCOPY x /a/\n"},
		{name: "takes more", before: "FROM a\nCOPY x /x\n", after: "FROM a\nCOPY x /x\nCOPY secret /s\n", why: "COPY of secret to /s is new"},
		{name: "ADD of a folder", before: "FROM a\nADD x /x\n", after: "FROM a\nCOPY x /x\n"},
		{name: "ADD of an archive", before: "FROM a\nADD x.tar.gz /x\n", after: "FROM a\nCOPY x.tar.gz /x\n", why: "is lost"},
		{name: "ADD of an address", before: "FROM a\nADD https://a/x /x\n", after: "FROM a\nCOPY https://a/x /x\n", why: "is lost"},
		{name: "loses its owner", before: "FROM a\nCOPY --chown=u x /x\n", after: "FROM a\nCOPY x /x\n", why: "has another owner"},
		{name: "has its owner as a number", before: "FROM a\nUSER u\nCOPY --chown=u:u x /x\n", after: "FROM a\nUSER 1001\nCOPY --chown=1001:1001 x /x\n", changes: change(fix.ChangeUser, "1001")},
		{name: "has the owner that a chown gave", before: "FROM a\nCOPY x /x\nRUN chown -R u /x\n", after: "FROM a\nCOPY --chown=u:root x /x\nRUN chown -R u /x\n", changes: change(fix.OwnCopy, "u:root")},
		{name: "has an owner undeclared", before: "FROM a\nCOPY x /x\nRUN chown -R u /x\n", after: "FROM a\nCOPY --chown=u:root x /x\nRUN chown -R u /x\n", why: "has another owner"},
		{name: "has an owner that no chown gave", before: "FROM a\nCOPY x /x\nRUN chown -R v /x\n", after: "FROM a\nCOPY --chown=u:root x /x\nRUN chown -R v /x\n", changes: change(fix.OwnCopy, "u:root"), why: "has another owner"},
		{name: "loses --chmod", before: "FROM a\nCOPY --chmod=755 x /x\n", after: "FROM a\nCOPY x /x\n", why: "is lost"},
		{name: "is from another image", before: "FROM a\nCOPY --from=b x /x\n", after: "FROM a\nCOPY --from=c x /x\n", why: "--from=c names no stage"},
	})
}

func TestStages(t *testing.T) {
	const numbered = "FROM a\nRUN x\nFROM b\nCOPY --from=0 /x /x\n"
	check(t, []rewrite{
		{name: "a number still means its stage", before: numbered, after: "FROM a AS one\nRUN x\nFROM b\nCOPY --from=one /x /x\n"},
		{name: "a number means another stage", before: numbered, after: "FROM c AS new\nFROM a\nRUN x\nFROM b\nCOPY --from=0 /x /x\n", why: "is lost"},
		{name: "a name dangles", before: "FROM a AS one\nRUN x\nFROM b\nCOPY --from=one /x /x\n", after: "FROM a AS two\nRUN x\nFROM b\nCOPY --from=one /x /x\n", why: "--from=one names no stage"},
		{name: "a mount dangles", before: "FROM a AS one\nFROM b\nRUN --mount=from=one,target=/m x\n", after: "FROM a AS two\nFROM b\nRUN --mount=from=one,target=/m x\n", why: "--from=one names no stage"},
		{name: "a name is taken twice", before: "FROM a AS one\nFROM one\n", after: "FROM a AS one\nFROM one AS one\n", why: "two stages are called one"},
		{name: "a target loses its name", before: "FROM a AS test\nFROM b\n", after: "FROM a\nFROM b\n", why: "the stage test is gone"},
		{name: "the last stage loses its name", before: "FROM a AS app\nRUN x\n", after: "FROM a AS app\nRUN x\nFROM a\nCOPY --from=app /x /x\n", why: "the last stage is not app"},
		{name: "the image of a target changes", before: "FROM a AS test\nCMD x\nFROM b\n", after: "FROM a AS test\nFROM b\n", why: "CMD is lost"},
		{name: "a name hides a base image", before: "FROM a\nRUN x\nFROM b\n", after: "FROM a AS b\nRUN x\nFROM b\n", why: "the base image is"},
		{name: "a dependency is left out", before: "FROM a AS one\nRUN x\nFROM b\nCOPY --from=one /x /x\n", after: "FROM a AS one\nRUN x\nFROM b\n", why: "COPY of /x to /x is lost"},
	})
}

func TestDirectives(t *testing.T) {
	check(t, []rewrite{
		{name: "stay", before: "# syntax=a\n# c\nFROM a\n", after: "# syntax=a\nFROM a\n# c\n"},
		{name: "are lost", before: "# syntax=a\nFROM a\n", after: "FROM a\n", why: "the parser directives"},
		{name: "do not stand first any more", before: "# syntax=a\nFROM a\n", after: "# c\n# syntax=a\nFROM a\n", why: "the parser directives"},
		{name: "are gained from a comment", before: "# c\n# check=skip=all\nFROM a\n", after: "# check=skip=all\n# c\nFROM a\n", why: "the parser directives"},
	})
}
