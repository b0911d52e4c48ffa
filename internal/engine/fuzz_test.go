package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/report"
)

// FuzzRun runs every fixer over any file: it ends, Docker accepts what it makes
// of a file that it accepted, a second run changes nothing, and no fix breaks the
// contract or stands in the way of another for ever.
func FuzzRun(f *testing.F) {
	for _, text := range []string{
		"FROM debian:bookworm\nRUN apt-get update\nRUN apt-get install curl\nUSER app\n",
		"FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD [\"python\", \"app.py\"]\n",
		"FROM ruby:3.3\nCOPY . /app\nRUN bundle install # all\nRUN useradd -m app\nUSER app:app\n",
		"FROM node:20-alpine AS build\nRUN apk update && apk add git \\\n  # why\n  make\nCOPY . .\nRUN npm ci\nFROM build\nUSER node\n",
		"# escape=`\nFROM debian\nRUN apt-get update && `\n  apt-get install -y x\n",
		"FROM debian\nRUN <<EOF\napt-get update\napt-get install -y x\nEOF\nONBUILD RUN apt-get update\n",
		"FROM debian\r\nRUN curl https://x/key | apt-key add - && apt-get update && apt-get install -y y\r\n",
		"ARG U=app\nFROM alpine\nARG U\nRUN adduser -D $U && chown $U /x\nUSER $U # end\nHEALTHCHECK CMD [\"x\"]\n",
	} {
		f.Add(text, true)
		f.Add(text, false)
	}
	list, err := fix.Order(fixers.All())
	if err != nil {
		f.Fatal(err)
	}
	tree := fstest.MapFS{}
	for name, text := range map[string]string{
		"requirements.txt": "flask\npsycopg2\n", "app.py": "", "Gemfile": "source 'https://rubygems.org'\ngem 'pg'\n",
		"package.json": `{"name":"a"}`, "package-lock.json": "{}", "go.mod": "module a\n",
	} {
		tree[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	f.Fuzz(func(t *testing.T, text string, withContext bool) {
		in := engine.Input{Name: "Dockerfile", Text: text}
		if withContext {
			if in.Context, err = project.NewContext(tree, ""); err != nil {
				t.Fatal(err)
			}
		}
		first, err := engine.Run(context.Background(), in, list)
		if refused := buildkit(text); refused != nil {
			if first.Text != text {
				t.Fatalf("BuildKit refuses %q (%v), and it became %q", text, refused, first.Text)
			}
			return
		}
		if err != nil {
			if why := new(engine.Refused); !errors.As(err, &why) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if refused := buildkit(first.Text); refused != nil {
			t.Fatalf("BuildKit refuses the result: %v\n%s", refused, report.Diff("Dockerfile", text, first.Text))
		}
		for _, o := range first.Outcomes {
			if strings.Contains(o.Reason, "undo each other") {
				t.Fatalf("%s\n%q", o.Reason, text)
			}
		}
		in.Text = first.Text
		second, err := engine.Run(context.Background(), in, list)
		if err != nil || second.Text != first.Text {
			t.Fatalf("the second run: %v\n%s\n%s", err, report.Diff("first", text, first.Text), report.Diff("second", first.Text, second.Text))
		}
	})
}

func buildkit(text string) error {
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return err
	}
	_, _, err = instructions.Parse(result.AST, linter.New(&linter.Config{}))
	return err
}
