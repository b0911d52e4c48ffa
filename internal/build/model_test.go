package build_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

func model(text string, targets ...string) *build.Model {
	return build.New(syntax.Parse(source.New("Dockerfile", text)), build.Options{Targets: targets})
}

// last is the last instruction of the last stage.
func last(m *build.Model) (*build.Stage, *syntax.Instruction) {
	s := m.Last()
	return s, s.Instructions[len(s.Instructions)-1]
}

func TestStages(t *testing.T) {
	m := model(strings.Join([]string{
		"ARG TAG=3.11",
		"ARG UNSET",
		"FROM python:${TAG} AS Base",
		"FROM base AS mid",
		"FROM alpine:$UNSET",
		"FROM mid",
		"",
	}, "\n"))
	var got []string
	for _, s := range m.Stages {
		base := "-"
		if s.Base != nil {
			base = s.Base.Name
		}
		got = append(got, fmt.Sprintf("%s|%s|%s|%s", s.Name, s.Ref, base, s.Image.Distro))
	}
	want := "base|python:3.11|-|Debian mid|base|base|Debian ||-|unknown |mid|mid|Debian"
	if strings.Join(got, " ") != want {
		t.Errorf("stages:\n%s\nwant:\n%s", strings.Join(got, " "), want)
	}
	if b := m.Stages[3].Bottom(); b != m.Stages[0] {
		t.Errorf("the bottom of the last stage is %q", b.Ref)
	}
}

func TestUserAt(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a name", "FROM alpine\nUSER app\nRUN x", "app: known"},
		{"with a group", "FROM alpine\nUSER app:staff\nRUN x", "app:staff known"},
		{"before it", "FROM alpine\nRUN x", "root: known"},
		{"an image's own", "FROM jenkins/jenkins:lts\nRUN x", "jenkins: known"},
		{"an unknown image", "FROM acme/base:1\nRUN x", ": unknown"},
		{"through a stage", "FROM alpine AS a\nUSER app\nFROM a\nRUN x", "app: known"},
		{"not through COPY --from", "FROM alpine AS a\nUSER app\nFROM alpine\nCOPY --from=a /x /x", "root: known"},
		{"ENV", "FROM alpine\nENV U=app\nUSER $U\nRUN x", "app: known"},
		{"ARG with a default", "FROM alpine\nARG U=app\nUSER ${U}\nRUN x", "app: known U"},
		{"ARG without", "FROM alpine\nARG U\nUSER ${U}\nRUN x", ": unknown U"},
		{"a global ARG", "ARG U=app\nFROM alpine\nARG U\nUSER $U\nRUN x", "app: known U"},
		{"a global ARG out of scope", "ARG U=app\nFROM alpine\nUSER $U\nRUN x", ": unknown"},
		{"ENV wins over ARG", "FROM alpine\nENV U=e\nARG U=a\nUSER $U\nRUN x", "e: known"},
		{"an ARG ends with its stage", "FROM alpine AS a\nARG U=app\nFROM a\nUSER $U\nRUN x", ": unknown"},
		{"an ENV does not", "FROM alpine AS a\nENV U=app\nFROM a\nUSER $U\nRUN x", "app: known"},
		{"a fallback for what the base image may set", "FROM alpine\nUSER ${U:-app}\nRUN x", ": unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage, inst := last(model(c.text))
			u := stage.UserAt(inst)
			known := "unknown"
			if u.Known {
				known = "known"
			}
			got := strings.TrimSpace(u.Name + ":" + u.Group + " " + known + " " + strings.Join(u.Args, ","))
			if got != c.want {
				t.Errorf("user %q, want %q", got, c.want)
			}
		})
	}
}

func TestWorkdirAt(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"none", "FROM alpine\nRUN x", "/"},
		{"an unknown image's", "FROM acme/x\nRUN x", ""},
		{"relative to it", "FROM acme/x\nWORKDIR app\nRUN x", ""},
		{"absolute", "FROM acme/x\nWORKDIR /app/\nRUN x", "/app"},
		{"relative", "FROM alpine\nWORKDIR /a\nWORKDIR ../b\nRUN x", "/b"},
		{"a variable", "FROM alpine\nENV D=/srv\nWORKDIR $D/app\nRUN x", "/srv/app"},
		{"not its own", "FROM alpine\nWORKDIR /a", "/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage, inst := last(model(c.text))
			if got := stage.WorkdirAt(inst); got != c.want {
				t.Errorf("working directory %q, want %q", got, c.want)
			}
		})
	}
}

func TestShellInForce(t *testing.T) {
	stage, inst := last(model("FROM alpine\nSHELL [\"pwsh\", \"-Command\"]\nRUN x"))
	if got := stage.Script(inst).Opaque; got != "it runs under pwsh" {
		t.Errorf("under pwsh the script is opaque because %q", got)
	}
	stage, inst = last(model("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN x"))
	if got := stage.Script(inst).Opaque; got == "" {
		t.Error("a command on Windows is read as a shell's")
	}
}

func TestIsKept(t *testing.T) {
	text := strings.Join([]string{
		"FROM a AS base", "FROM base AS build", "FROM base AS test", "FROM a AS tools", "FROM base", "COPY --from=build /x /x", "RUN --mount=type=bind,from=3,target=/t y",
	}, "\n")
	kept := func(m *build.Model) string {
		var names []string
		for _, s := range m.Stages {
			if s.IsKept() {
				names = append(names, fmt.Sprint(s.Index, s.Name))
			}
		}
		return strings.Join(names, " ")
	}
	// test is copied from by nobody: only a --target can want it.
	if got, want := kept(model(text)), "0base 2test 4"; got != want {
		t.Errorf("kept: %s; want %s", got, want)
	}
	if got, want := kept(model(text, "build")), "0base 1build 2test 4"; got != want {
		t.Errorf("kept with target build: %s; want %s", got, want)
	}
}

func TestCopyOf(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"into the working directory", "FROM alpine\nWORKDIR /app\nCOPY a ./", "[a] /app/ "},
		{"renamed", "FROM alpine\nWORKDIR /app\nCOPY a b", "[a] /app/b "},
		{"several", "FROM alpine\nCOPY a b /x", "[a b] /x/ "},
		{"JSON", "FROM alpine\nCOPY [\"a b\", \"/x/\"]", "[a b] /x/ "},
		{"from a stage by number", "FROM alpine AS s\nFROM alpine\nCOPY --from=0 /a /b", "[/a] /b s"},
		{"from an image", "FROM alpine\nCOPY --from=nginx:1 /a /b", "[/a] /b "},
		{"heredoc", "FROM alpine\nCOPY <<EOF /x\ny\nEOF\n", "[<<EOF] /x "},
		{"a variable", "FROM alpine\nARG V=1\nCOPY a-$V $D/", "[a-1]  "},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage, inst := last(model(c.text))
			cp, ok := stage.CopyOf(inst)
			var sources []string
			for _, s := range cp.Sources {
				sources = append(sources, s.Path)
			}
			from := ""
			if cp.Stage != nil {
				from = cp.Stage.Name
			}
			if got := fmt.Sprintf("%v %s %s", sources, cp.Dest, from); !ok || got != c.want {
				t.Errorf("copy %q, want %q", got, c.want)
			}
		})
	}
}
