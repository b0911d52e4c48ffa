package main

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/fix"
)

const whole = `FROM python:3.12 AS base
# why it is so
ENV A=1
EXPOSE 80
RUN apt-get update && apt-get install -y curl git=1.2 # not me
RUN pip install 'flask>=2' && apk add --no-cache bash
COPY --chown=1:1 a.txt dir /srv/
ONBUILD RUN make
WORKDIR /srv
ENTRYPOINT ["x"]
CMD ["y"]
`

func TestLossesAreSeen(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		changes        []fix.Change
		want           string
	}{
		{name: "nothing", old: "", new: ""},
		{name: "a comment", old: "# why it is so\n", want: "comment lost: why it is so"},
		{name: "a declared comment", old: "# why it is so\n", changes: []fix.Change{{Kind: fix.DropComment, Subject: "why it is so"}}},
		{name: "a package", old: " git=1.2", want: "package lost: git; package lost from the image: git"},
		{name: "a declared package", old: " git=1.2", changes: []fix.Change{{Kind: fix.DropPackage, Subject: "git"}}},
		{name: "another package declared", old: " git=1.2", changes: []fix.Change{{Kind: fix.DropPackage, Subject: "curl"}}, want: "package lost: git; package lost from the image: git"},
		{name: "a package of a language", old: "'flask>=2'", new: "x", want: "package lost: flask; package lost from the image: flask"},
		{name: "a version alone", old: "git=1.2", new: "git=1.3"},
		{name: "a copied path", old: "a.txt dir", new: "dir", want: "copied path lost: a.txt"},
		{name: "a destination", old: "/srv/\n", new: "/opt/\n", want: "destination lost: /srv"},
		{name: "a trigger", old: "ONBUILD RUN make\n", want: "ONBUILD lost: RUN"},
		{name: "a setting", old: "EXPOSE 80\n", want: "setting lost: EXPOSE 80"},
		{name: "an ENV", old: "ENV A=1\n", want: "setting lost: ENV A"},
		{name: "CMD", old: `["y"]`, new: `["z"]`, want: "CMD changed: exec y => exec z"},
		{name: "the form of CMD", old: `["y"]`, new: `y`, want: "CMD changed: exec y => shell y"},
		{name: "ENTRYPOINT", old: "ENTRYPOINT [\"x\"]\n", want: "ENTRYPOINT changed: exec x => "},
		{name: "WORKDIR", old: "WORKDIR /srv\n", want: "WORKDIR changed: /srv => /"},
		{
			name: "packages that stay in a stage nobody keeps", old: "COPY --chown", new: "FROM alpine\nCOPY --chown",
			want: "package lost from the image: bash; package lost from the image: curl; package lost from the image: flask; package lost from the image: git; setting lost: ENV A; setting lost: EXPOSE 80",
		},
		{
			name: "a language's packages copied from a stage", old: "COPY --chown", new: "FROM alpine\nENV A=1\nEXPOSE 80\nRUN apk add curl git bash\nCOPY --from=base /venv /venv\nCOPY --chown",
		},
	} {
		after := strings.Replace(whole, c.old, c.new, 1)
		var found []string
		for _, b := range losses(inventoryOf(t, whole), inventoryOf(t, after), c.changes) {
			found = append(found, b.What+": "+strings.ReplaceAll(b.Detail, "\x00", " "))
		}
		if got := strings.Join(found, "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func inventoryOf(t *testing.T, text string) inventory {
	t.Helper()
	ast, err := buildkitAccepts(text)
	if err != nil {
		t.Fatal(err)
	}
	return takeInventory(text, ast)
}

func TestFolded(t *testing.T) {
	for reason, want := range map[string]string{
		"the package list comes from $PKGS":                                           "the package list comes from …",
		`the command "useradd -m x" is lost; the command "adduser y" is lost`:         "the command … is lost",
		"no instruction makes the account jenkins, and the base image a/b is unknown": "no instruction makes the account … and the base image … is unknown",
		"pip install reads the source: -e .":                                          "pip install reads the source: …",
	} {
		if got := folded(reason); got != want {
			t.Errorf("%q is folded to %q, want %q", reason, got, want)
		}
	}
}
