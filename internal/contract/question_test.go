package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// sampleOfAsked has the forms that the question to BuildKit tells apart. Its lines are
// moved and taken away one by one.
const sampleOfAsked = `# syntax=docker/dockerfile:1
ARG V=3.12
# the builder
FROM python:$V AS build
RUN apt-get update && apt-get install -y gcc \
    # for the importer
    libxml2-dev \
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install -r requirements.txt
RUN ["echo", "x"]
RUN <<SCRIPT
# in a script
FROM x
SCRIPT
from python:$V-slim
COPY <<conf /etc/app.conf
k=v
conf
RUN --mount=from=0,target=/b cat <<X > /y
$V
X
ONBUILD RUN x
HEALTHCHECK --interval=5s CMD curl localhost
CMD ["-m", "app"]
`

// askWhole is BuildKit's answer about all of a file.
func askWhole(text string) error {
	result, err := parser.Parse(strings.NewReader(text))
	if err == nil {
		_, _, err = instructions.Parse(result.AST, linter.New(&linter.Config{}))
	}
	return err
}

// checkAccept holds the answers about a file, alone and after another, to BuildKit's
// about all of it.
func checkAccept(t *testing.T, before, after string) {
	t.Helper()
	file := syntax.Parse(source.New("Dockerfile", after))
	want := askWhole(after)
	if got := Accept(file); (got == nil) != (want == nil) {
		t.Fatalf("%q: %v; BuildKit: %v", after, got, want)
	}
	if askWhole(before) != nil {
		return
	}
	known := &Accepted{}
	if err := accept(syntax.Parse(source.New("Dockerfile", before)), known); err != nil {
		t.Fatalf("%q: %v", before, err)
	}
	if got := accept(file, known); (got == nil) != (want == nil) {
		t.Fatalf("%q after %q: %v; BuildKit: %v", after, before, got, want)
	}
}

// hostile are files and what they become, where an instruction is not to BuildKit
// what it was, or looks like one that was there.
var hostile = [][2]string{
	{"FROM a\nRUN x\n", "RUN x\nFROM a\n"},
	{"FROM a\nUSER x\n", "FROM a\nUSER x \\\n"},
	{"FROM a\nUSER x \\\n", "FROM a\nUSER x \\\nUSER y\n"},
	{"\uFEFFFROM a\nUSER x\n", "FROM b\n\uFEFFFROM a\nUSER x\n"},
	{"FROM a\n", "# a\n\uFEFFFROM a\n"},
	{"# escape=`\nFROM a\nUSER x `\n  y\n", "FROM a\nUSER x `\n  y\n"},
	{"FROM a\nRUN <\\\n<E\nE\n", "FROM a\nRUN <\\\n<E\nF\n"},
	{"FROM a\nRUN --mount=type=tmpfs,target=/x \\\n  # y\n  z\n", "FROM a\nRUN --mount=type=tmp,target=/x \\\n  # y\n  z\n"},
	{"FROM a\nRUN x\n", "FROM a\nRUN [1]\n"},
	{"FROM a\nRUN x\n", "FROM a\nRUN\n"},
	{"FROM a\nRUN -- x\n", "FROM a\nRUN --\n"},
	{"FROM a\nrun x\n", "FROM a\nrunx\n"},
	{"FROM a\nRUN x\n", "FROM a\nRUN --x \\\n"},
	{"FROM a\nRUN x\n", "FROM a\nRUN \u00a0[\"a\", 1]\n"},
	{"FROM a\nRUN x\n", "FROM a\nRUN x" + strings.Repeat(" ", 70_000) + "\n"},
	{"FROM a\nCOPY x x\n", "FROM a\nCOPY [1, 2]\n"},
	{"FROM a\nCOPY x x\n", "FROM a\nCOPY x <<x\nx\n"},
	{"FROM a\nMAINTAINER x <x>\n", "FROM a\nMAINTAINER x <<x\nx\n"},
	{"FROM a\nCOPY x x\n", "FROM a\nCOPY x\\ x\n"},
	{"FROM a\nCOPY x x\n", "FROM a\nCOPY x\u00a0x\n"},
	{"FROM a\nCMD x x\n", "FROM a\nCMD --x x\n"},
	{"FROM a\nENV x=x\n", "FROM a\nENV =x\n"},
	{"FROM a\nVOLUME [\"x\"]\n", "FROM a\nVOLUME [\"\\u0020\"]\n"},
	{"FROM x\nUSER x\n", "FROM x y\nUSER x\n"},
	{"# x\n# escape=`\nFROM a\nUSER x `\n", "# escape=`\n# x\nFROM a\nUSER x `\n"},
	{"\n# escape=x\nFROM a\n", "# escape=x\nFROM a\n"},
	{"FROM a\n# check=error=true\nRUN x\n", "FROM a\n# check=skip=nonsense;error=x\nMAINTAINER x\n"},
}

func TestAcceptAfter(t *testing.T) {
	for _, pair := range hostile {
		checkAccept(t, pair[0], pair[1])
		checkAccept(t, pair[1], pair[0])
	}
	lines := strings.SplitAfter(sampleOfAsked, "\n")
	for from := range lines {
		without := slices.Delete(slices.Clone(lines), from, from+1)
		checkAccept(t, sampleOfAsked, strings.Join(without, ""))
		for to := range without {
			checkAccept(t, sampleOfAsked, strings.Join(slices.Insert(slices.Clone(without), to, lines[from]), ""))
		}
	}
}

// FuzzAccept: what BuildKit is not asked about does not change its answer.
func FuzzAccept(f *testing.F) {
	f.Add(sampleOfAsked, sampleOfAsked)
	for _, pair := range hostile {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) { checkAccept(t, before, after) })
}
