package contract_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/fix"
)

func TestOutcome(t *testing.T) {
	slim, other := change(fix.ChangeBase, "python:3.12-slim"), change(fix.ChangeBase, "debian:bookworm-slim")
	one := change(fix.ChangeUser, "1")
	check(t, []rewrite{
		{name: "a variant of the base has the same CMD", before: "FROM python:3.12\n", after: "FROM python:3.12-slim\n", changes: slim},
		{name: "another base has another CMD", before: "FROM python:3.12\n", after: "FROM debian:bookworm-slim\n", changes: other, why: "the image's Cmd is [the CMD of debian] instead of [the CMD of python]"},
		{name: "another base under the file's own CMD", before: "FROM python:3.12\nENTRYPOINT [\"x\"]\nCMD [\"y\"]\n", after: "FROM debian:bookworm-slim\nENTRYPOINT [\"x\"]\nCMD [\"y\"]\n", changes: other},
		{name: "an unknown base for another", before: "FROM acme/base\nCMD [\"y\"]\n", after: "FROM debian:bookworm-slim\nCMD [\"y\"]\n", changes: other, why: "the image's Entrypoint is [] instead of [the ENTRYPOINT of acme/base]"},
		{name: "an unknown base that stays", before: "FROM acme/base\nUSER app\n", after: "FROM acme/base\nUSER 1\n", changes: one},
		{name: "another base with another user", before: "FROM grafana/grafana\nENTRYPOINT [\"x\"]\n", after: "FROM debian:bookworm-slim\nENTRYPOINT [\"x\"]\n", changes: other, why: "the image's User is 0 instead of 472"},
		{name: "a number by variable", before: "FROM a\nARG U=1\nUSER app\n", after: "FROM a\nARG U=1\nUSER $U\n", changes: change(fix.ChangeUser, "$U")},
		{name: "a new warning", before: "FROM a\nUSER app\nCMD [\"x\"]\n", after: "FROM a\nuser 1\nCMD [\"x\"]\n", changes: one, why: "BuildKit warns of it: ConsistentInstructionCasing"},
		{name: "a warning of before", before: "FROM a\nuser app\nCMD [\"x\"]\n", after: "FROM a\nuser 1\nCMD [\"x\"]\n", changes: one},
		{name: "a variable that is not set", before: "FROM a\nUSER app\n", after: "FROM a\nUSER $UNSET\n", changes: change(fix.ChangeUser, "$UNSET"), why: "UndefinedVar"},
		{name: "a base that no registry can have", before: "FROM a\n", after: "FROM REPLACE\n", changes: change(fix.ChangeBase, "REPLACE"), why: "BuildKit cannot build it any more"},
		{name: "a template's base", before: "FROM REPLACE\nRUN a && b\n", after: "FROM REPLACE\nRUN a && \\\n b\n"},
		{name: "a platform", before: "FROM --platform=linux/arm64 a\nUSER app\n", after: "FROM --platform=linux/arm64 a\nUSER 1\n", changes: one},
		{name: "a platform by variable", before: "ARG P=linux/arm64\nFROM --platform=$P a\nARG TARGETARCH\nENV A=$TARGETARCH\nUSER app\n", after: "ARG P=linux/arm64\nFROM --platform=$P a\nARG TARGETARCH\nENV A=$TARGETARCH\nUSER 1\n", changes: one},
		{name: "Windows", before: "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nWORKDIR C:\\\\app\nRUN dir\n", after: "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nWORKDIR C:\\\\app\n\nRUN dir\n"},
		{name: "an epoch and addresses are not fetched", before: "ARG SOURCE_DATE_EPOCH=context\nFROM a\nADD https://example.invalid/x /x\nADD https://example.invalid/r.git#main /r\n", after: "ARG SOURCE_DATE_EPOCH=context\nFROM a\nADD https://example.invalid/x /x\n\nADD https://example.invalid/r.git#main /r\n"},
	})
}

// What BuildKit is asked about is bounded: a file of many images, or of many
// variables, does not keep it busy for long.
func TestOutcomeIsBounded(t *testing.T) {
	var stages, variables strings.Builder
	variables.WriteString("FROM a\n")
	for n := range 500 {
		fmt.Fprintf(&stages, "FROM a AS s%d\n", n)
	}
	for n := range 3000 {
		fmt.Fprintf(&variables, "ENV A%d=$A%d\nRUN x%d\n", n, n-1, n)
	}
	for name, text := range map[string]string{"images": stages.String(), "variables": variables.String()} {
		t.Run(name, func(t *testing.T) {
			before, after := read(t, text), read(t, text+"\n")
			began := time.Now()
			if err := before.Permits(after, nil); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it takes %v", took)
			} else {
				t.Log(took)
			}
		})
	}
}
