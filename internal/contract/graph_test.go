package contract

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/containerd/platforms"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// graphs holds the build of a text's last stage against that of another, by their
// graphs alone.
func graphs(t *testing.T, before, after string, changes ...fix.Change) string {
	t.Helper()
	reading := func(text string) *Reading {
		file := syntax.Parse(source.New("Dockerfile", text))
		r := Read(file, build.New(file, build.Options{}), nil, nil)
		r.read()
		return r
	}
	c := &comparison{before: reading(before), after: reading(after), declared: index(changes), same: map[[2]*variable]bool{}}
	c.pair()
	var both []*graph
	for _, r := range []*Reading{c.before, c.after} {
		b := r.build("", linux, nil)
		if b.err != nil {
			t.Fatal(b.err)
		}
		g, err := b.graph(linux)
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, g)
	}
	c.compareGraphs(c.before.last(), c.after.last(), both[0], both[1])
	return strings.Join(c.found, "; ")
}

func TestGraphs(t *testing.T) {
	change := func(kind fix.ChangeKind, subject string) fix.Change { return fix.Change{Kind: kind, Subject: subject} }
	for name, c := range map[string]struct {
		before, after string
		change        fix.Change
		why           string // "" if the build is the same
	}{
		"white space":             {before: "FROM a\nRUN x &&   y\n", after: "FROM a\nRUN x && \\\n    y\n"},
		"joined RUNs":             {before: "FROM a\nRUN x\nRUN y\n", after: "FROM a\nRUN x && \\\n    y\n"},
		"a stage in between":      {before: "FROM a\nCOPY . /app\nRUN make\n", after: "FROM a AS b\nCOPY . /app\nRUN make\nFROM a\nCOPY --from=b /app /app\n"},
		"a stage cut off":         {before: "FROM a\nRUN make\nRUN install\n", after: "FROM a AS b\nRUN make\nFROM a\nRUN install\n", why: `the command "make" does not reach the image any more`},
		"a directory by variable": {before: "FROM a\nENV D=/x\nWORKDIR $D/y\nRUN x\n", after: "FROM a\nENV D=/x\nWORKDIR $D/z\nRUN x\n", why: `the command "x" runs in /x/z instead of /x/y in the build`},
		"a user":                  {before: "FROM a\nUSER app\nRUN x\n", after: "FROM a\nRUN x\n", why: `runs as "" instead of "app"`},
		"a user's number":         {before: "FROM a\nUSER app\nRUN x\n", after: "FROM a\nUSER 1001\nRUN x\n", change: change(fix.ChangeUser, "1001")},
		"a shell":                 {before: "FROM a\nRUN x\n", after: "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN x\n", why: `runs by "/bin/bash -c" instead of "/bin/sh -c"`},
		"a variable changed":      {before: "FROM a\nARG N=1\nENV V=$N\nRUN x\n", after: "FROM a\nARG N=2\nENV V=$N\nRUN x\n", why: "sees another N"},
		"a variable set":          {before: "FROM a\nRUN x\n", after: "FROM a\nENV V=1\nRUN x\n", why: "sees V, which it did not"},
		"a variable declared":     {before: "FROM a\nRUN x\n", after: "FROM a\nENV V=1\nRUN x\n", change: change(fix.ChangeEnv, "V")},
		"the order of variables":  {before: "FROM a\nENV V=1 W=2\nRUN x\n", after: "FROM a\nENV W=2\nENV V=1\nRUN x\n"},
		"a copy elsewhere":        {before: "FROM a\nENV D=/x\nCOPY f $D/\n", after: "FROM a\nENV D=/y\nCOPY f $D/\n", why: "the build does not copy f to /x/ any more"},
		"a copy dropped":          {before: "FROM a\nCOPY ./src /src\nCOPY f /f\n", after: "FROM a\nCOPY f /f\n", change: change(fix.DropCopy, "./src")},
		"a narrow copy before":    {before: "FROM a\nWORKDIR /app\nCOPY . .\nRUN x\n", after: "FROM a\nWORKDIR /app\nCOPY req.txt ./\nRUN x\nCOPY . ./\n"},
		"a copy of more":          {before: "FROM a\nCOPY f /app/\n", after: "FROM a\nCOPY f /app/\nCOPY secret /app/\n", why: "the build copies secret to /app/, which it did not"},
		"a copy declared":         {before: "FROM a\nCOPY f /app/\n", after: "FROM a\nCOPY f /app/\nCOPY ./more /app/\n", change: change(fix.AddCopy, "./more")},
		"the order of copies":     {before: "FROM a\nCOPY f /f\nCOPY g /g\n", after: "FROM a\nCOPY g /g\nCOPY f /f\n"},
		"ADD as COPY":             {before: "FROM a\nADD f /f\n", after: "FROM a\nCOPY f /f\n"},
		"an archive as COPY":      {before: "FROM a\nADD f.tar.gz /f\n", after: "FROM a\nCOPY f.tar.gz /f\n", why: "does not copy f.tar.gz"},
		"an owner":                {before: "FROM a\nCOPY --chown=app f /f\n", after: "FROM a\nCOPY --chown=other f /f\n", why: "does not copy f to /f"},
		"an owner's number":       {before: "FROM a\nCOPY --chown=app f /f\n", after: "FROM a\nCOPY --chown=1001 f /f\n", change: change(fix.ChangeUser, "1001")},
		"another image":           {before: "FROM a\nCOPY f /f\n", after: "FROM b AS s\nFROM a\nCOPY f /f\nCOPY --from=s /x /x\n", why: "the build reads docker.io/library/b:latest, which it did not"},
		"an image declared":       {before: "FROM python:3.12\nCOPY f /f\n", after: "FROM python:3.12-slim\nCOPY f /f\n", change: change(fix.ChangeBase, "python:3.12-slim")},
		"a cache":                 {before: "FROM a\nRUN x\n", after: "FROM a\nRUN --mount=type=cache,target=/c x\n"},
		"a cache lost":            {before: "FROM a\nRUN --mount=type=cache,target=/c x\n", after: "FROM a\nRUN x\n", why: "has lost the mount CACHE at /c"},
		"a secret":                {before: "FROM a\nRUN --mount=type=secret,id=t x\n", after: "FROM a\nRUN --mount=type=secret,id=u x\n", why: "has lost the mount SECRET at /run/secrets/t of t"},
		"a mount of the context":  {before: "FROM a\nRUN x\n", after: "FROM a\nRUN --mount=type=bind,target=/src x\n", why: "has gained the mount BIND at /src of context"},
		"a network":               {before: "FROM a\nRUN --network=none x\n", after: "FROM a\nRUN x\n", why: "runs under other options"},
		"a heredoc":               {before: "FROM a\nRUN <<E\nx\ny\nE\nCOPY f /f\n", after: "FROM a\nCOPY f /f\nRUN <<E\nx\ny\nE\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := graphs(t, c.before, c.after, c.change)
			if c.why == "" && got != "" || !strings.Contains(got, c.why) {
				t.Errorf("%q, not %q", got, c.why)
			}
		})
	}
}

// The same file is the same build, whoever asks: nothing random is in it.
func TestGraphsOfTheSameTextAreEqual(t *testing.T) {
	text := "FROM a AS s\nCOPY --link . /app\nRUN make\nFROM b\nCOPY --from=s /app/x /x\n"
	var digests []string
	for range 2 {
		file := syntax.Parse(source.New("Dockerfile", text))
		r := Read(file, build.New(file, build.Options{}), nil, nil)
		g, err := r.build("", linux, nil).graph(linux)
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, g.digest.String())
	}
	if digests[0] != digests[1] {
		t.Error(digests)
	}
}

func TestPlatformsOf(t *testing.T) {
	for text, want := range map[string]string{
		"FROM a\n":                                   "linux/amd64",
		"FROM --platform=linux/arm64 a\n":            "linux/amd64 linux/arm64",
		"ARG P=linux/arm/v7\nFROM --platform=$P a\n": "linux/amd64 linux/arm/v7",
		"FROM --platform=$BUILDPLATFORM a\n":         "linux/amd64",
		"FROM --platform=nonsense/ a\n":              "linux/amd64",
	} {
		file := syntax.Parse(source.New("Dockerfile", text))
		var got []string
		for _, p := range platformsOf(build.New(file, build.Options{}).Last()) {
			got = append(got, platforms.Format(p))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, not %s", text, got, want)
		}
	}
}

// With names for its commands, a file is the same build but for them.
func TestBuiltTextIsBuiltAlike(t *testing.T) {
	for name, text := range map[string]string{
		"every form of RUN": sampleOfAsked,
		"warned of":         "FROM a\nWORKDIR sub\nRUN make all && \\\n\n    make install DESTDIR=/out\nENV K v\nMAINTAINER me\n",
		"below the command": "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN --network=none make all && \\\n    # why\n    make install DESTDIR=/out\nUSER u\nWORKDIR /srv\nARG A=1\nRUN echo a rather long command of $A\nCOPY x /y",
		"escaped by `":      "# escape=`\nFROM a\nRUN make all && `\n    make install DESTDIR=/out\nRUN echo a rather long command\n",
		"no line end":       "FROM a\nRUN make all && \\\n    make install DESTDIR=/out",
	} {
		t.Run(name, func(t *testing.T) {
			var was, is built
			was.make(text, "", linux, nil)
			is.make(builtText(syntax.Parse(source.New("Dockerfile", text))), "", linux, nil)
			if was.err != nil || is.err != nil {
				t.Fatal(was.err, is.err)
			}
			if !slices.Equal(was.warnings, is.warnings) || !reflect.DeepEqual(was.config, is.config) || was.author != is.author {
				t.Errorf("%v %v %q\n%v %v %q", was.warnings, was.config, was.author, is.warnings, is.config, is.author)
			}
			wasGraph, err := was.graph(linux)
			if err != nil {
				t.Fatal(err)
			}
			isGraph, err := is.graph(linux)
			if err != nil {
				t.Fatal(err)
			}
			wasGraph.digest, isGraph.digest = "", "" // of the commands, too
			if !reflect.DeepEqual(wasGraph, isGraph) {
				t.Errorf("%+v\n%+v", wasGraph, isGraph)
			}
		})
	}
}
