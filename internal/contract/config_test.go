package contract_test

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/fix"
)

func TestConfig(t *testing.T) {
	const whole = "FROM a\nCMD [\"x\"]\nENTRYPOINT [\"e\"]\nENV A=1 B=2\nEXPOSE 80\nVOLUME /v\nLABEL l=1\nSTOPSIGNAL 9\n" +
		"HEALTHCHECK CMD x\nWORKDIR /w\nUSER u\nONBUILD RUN x\nSHELL [\"/bin/bash\", \"-c\"]\n"
	without := func(line string) string { return replace(whole, line, "") }
	check(t, []rewrite{
		{name: "is the same in another order", before: whole, after: without("EXPOSE 80\n") + "EXPOSE 80\n"},
		{name: "CMD lost", before: whole, after: without("CMD [\"x\"]\n"), why: "CMD is not the same"},
		{name: "CMD lost with no ENTRYPOINT", before: "FROM a\nCMD x\n", after: "FROM a\n", why: "CMD is lost"},
		{name: "CMD in another form", before: "FROM a\nCMD x\n", after: "FROM a\nCMD [\"x\"]\n", why: "CMD is not the same"},
		{name: "CMD under another SHELL", before: "FROM a\nSHELL [\"b\"]\nCMD x\n", after: "FROM a\nCMD x\nSHELL [\"b\"]\n", why: "CMD is not the same"},
		{name: "ENTRYPOINT after the base's CMD", before: "FROM a AS b\nENTRYPOINT [\"e\"]\nCMD x\nFROM b\n", after: "FROM a AS b\nCMD x\nFROM b\nENTRYPOINT [\"e\"]\n", why: "CMD is not the same"},
		{name: "ENTRYPOINT lost", before: whole, after: without("ENTRYPOINT [\"e\"]\n"), why: "ENTRYPOINT is lost"},
		{name: "ENV lost", before: whole, after: replace(whole, "A=1 ", ""), why: "ENV A is lost"},
		{name: "ENV changed", before: whole, after: replace(whole, "A=1", "A=2"), why: `ENV A is "2" instead of "1"`},
		{name: "ENV declared", before: whole, after: replace(whole, "A=1", "A=2"), changes: change(fix.ChangeEnv, "A")},
		{name: "ENV new", before: "FROM a\n", after: "FROM a\nENV A=1\n", why: "ENV A is new"},
		{name: "ENV in two instructions", before: whole, after: replace(whole, "A=1 B=2", "A=1\nENV B=2")},
		{name: "ENV with its quotes changed", before: "FROM a\nENV A=b\n", after: "FROM a\nENV A=\"b\"\n"},
		{name: "ENV set from an ARG is fixed to its default", before: "FROM a\nARG V=1\nENV A=$V\n", after: "FROM a\nARG V=1\nENV A=1\n", why: "ENV A is"},
		{name: "PATH loses a part", before: "FROM a\nENV PATH=/a:$PATH\nENV PATH=/b:$PATH\n", after: "FROM a\nENV PATH=/b:$PATH\n", why: "ENV PATH is"},
		{name: "EXPOSE lost", before: whole, after: without("EXPOSE 80\n"), why: "EXPOSE is not the same: nothing instead of 80"},
		{name: "VOLUME lost", before: whole, after: without("VOLUME /v\n"), why: "VOLUME is not the same"},
		{name: "LABEL lost", before: whole, after: without("LABEL l=1\n"), why: "LABEL is not the same"},
		{name: "STOPSIGNAL lost", before: whole, after: without("STOPSIGNAL 9\n"), why: "STOPSIGNAL is lost"},
		{name: "HEALTHCHECK lost", before: whole, after: without("HEALTHCHECK CMD x\n"), why: "HEALTHCHECK is lost"},
		{name: "HEALTHCHECK with another interval", before: whole, after: replace(whole, "HEALTHCHECK", "HEALTHCHECK --interval=5s"), why: "HEALTHCHECK is not the same"},
		{name: "WORKDIR lost", before: whole, after: without("WORKDIR /w\n"), why: "WORKDIR is lost"},
		{name: "USER lost", before: whole, after: without("USER u\n"), why: `USER is "" instead of "u"`},
		{name: "USER declared", before: whole, after: replace(whole, "USER u", "USER 1001"), changes: change(fix.ChangeUser, "1001")},
		{name: "USER declared as another", before: whole, after: replace(whole, "USER u", "USER 1001"), changes: change(fix.ChangeUser, "1002"), why: `USER is "1001"`},
		{name: "ONBUILD lost", before: whole, after: without("ONBUILD RUN x\n"), why: "ONBUILD is not the same"},
		{name: "ONBUILD changed", before: whole, after: replace(whole, "ONBUILD RUN x", "ONBUILD RUN y"), why: `ONBUILD: the command "x" is lost`},
		{name: "ONBUILD of another kind", before: whole, after: replace(whole, "ONBUILD RUN x", "ONBUILD USER x"), why: "ONBUILD is not the same"},
		{name: "ONBUILD installs without cache", before: "FROM a\nONBUILD RUN pip install x\n", after: "FROM a\nONBUILD RUN pip install --no-cache-dir x\n"},
		{name: "ONBUILD removes the lists of its base", before: "FROM a\nONBUILD RUN apt-get install -y x\n", after: "FROM a\nONBUILD RUN apt-get install -y x && rm -rf /var/lib/apt/lists/*\n", changes: change(fix.AddCommand, "rm -rf /var/lib/apt/lists/*"), why: "ONBUILD leaves no package lists of apt-get"},
		{name: "ONBUILD drops its lists", before: "FROM a\nONBUILD RUN apt-get update && x\n", after: "FROM a\nONBUILD RUN x\n", why: "ONBUILD leaves no package lists of apt-get"},
		{name: "SHELL lost", before: whole, after: without("SHELL [\"/bin/bash\", \"-c\"]\n"), why: "SHELL is lost"},
		{name: "base changed", before: "FROM a\n", after: "FROM a:slim\n", why: "the base image is a:slim instead of a"},
		{name: "base declared", before: "FROM a\n", after: "FROM a:slim\n", changes: change(fix.ChangeBase, "a:slim")},
		{name: "base from an ARG is fixed", before: "ARG V=1\nFROM a:$V\n", after: "ARG V=1\nFROM a:1\n", why: "the base image is"},
		{name: "platform lost", before: "FROM --platform=linux/arm64 a\n", after: "FROM a\n", why: "the base image is"},
		{name: "ARG lost", before: "FROM a\nARG X=1\nCMD x\n", after: "FROM a\nCMD x\n", why: "ARG X=1 is lost"},
	})
}

func TestSplitKeepsConfig(t *testing.T) {
	const before = "FROM a\nENV A=1\nWORKDIR /w\nCOPY . .\nRUN make\nEXPOSE 80\nCMD [\"x\"]\n"
	const after = "FROM a AS build\nENV A=1\nWORKDIR /w\nCOPY . .\nRUN make\n\nFROM a:slim\nENV A=1\nWORKDIR /w\nCOPY --from=build /w/out ./\nCOPY . .\nEXPOSE 80\nCMD [\"x\"]\n"
	slim := change(fix.ChangeBase, "a:slim")
	check(t, []rewrite{
		{name: "all of it arrives", before: before, after: after, changes: slim},
		{name: "CMD does not arrive", before: before, after: replace(after, "CMD [\"x\"]\n", ""), changes: slim, why: "CMD is lost"},
		{name: "EXPOSE stays in the build stage", before: before, after: replace(replace(after, "EXPOSE 80\n", ""), "RUN make\n", "RUN make\nEXPOSE 80\n"), changes: slim, why: "EXPOSE is not the same"},
		{name: "ENV is not there for the build", before: before, after: replace(after, "AS build\nENV A=1\n", "AS build\n"), changes: slim, why: `"make" does not see A any more`},
		{name: "the copy stays behind", before: before, after: replace(after, "./\nCOPY . .\n", "./\n"), changes: slim, why: "COPY of . to . is lost"},
		{name: "the copy is declared", before: before, after: replace(after, "./\nCOPY . .\n", "./\n"), changes: append(slim, fix.Change{Kind: fix.DropCopy, Subject: "."})},
		{name: "the build lacks its input", before: before, after: replace(after, "COPY . .\nRUN make", "RUN make"), changes: slim, why: `"make" runs without the "COPY ." that stood before it`},
		{name: "nothing uses the build stage", before: before, after: replace(after, "COPY --from=build /w/out ./\n", ""), changes: slim, why: "build is not used by any other"},
	})
}
