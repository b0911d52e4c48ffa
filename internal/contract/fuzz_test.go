package contract_test

import (
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/contract"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// sample is a file with something for every rule.
const sample = `# syntax=docker/dockerfile:1
ARG V=3.12
# the builder
FROM python:$V AS build
ARG TOKEN
ENV PATH=/venv/bin:$PATH NODE_ENV=production
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev \
    # for the importer
    libxml2-dev \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip --mount=type=secret,id=t pip install -r requirements.txt
RUN set -eux; if [ -n "$TOKEN" ]; then curl -fsSL https://example.com/$TOKEN | tar -xz; fi; (cd x && make) || true
RUN <<SCRIPT
# in a script
mkdir -p /data
echo done > /data/x
SCRIPT
FROM python:$V-slim
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
COPY --from=build --chown=1001:0 /venv /venv
COPY <<conf /etc/app.conf
k=v
conf
RUN --mount=from=0,target=/b cat <<X > /y && [[ -f /y ]]
$V
X
ONBUILD COPY --from=build /a /b
LABEL a=b
EXPOSE 80 443/udp
VOLUME ["/data"]
HEALTHCHECK --interval=5s CMD curl localhost
STOPSIGNAL SIGINT
USER 1001
ENTRYPOINT ["python"]
CMD ["-m", "app"]
`

// FuzzSelf: whatever Docker accepts can be read, and permits itself.
func FuzzSelf(f *testing.F) {
	for _, text := range []string{
		sample,
		"FROM a\n# check=skip=all\nRUN x\n",
		"FROM a\nRUN x (\n",
		"FROM a AS b\nFROM b AS b\nFROM b\nCOPY --from=1 / /\n",
		"FROM a\nRUN a & b | c $(d; e) >f 2>&1\nRUN [\"a\"]\nRUN x() { y; }; x\n",
		"# escape=`\nFROM windows\nSHELL [\"powershell\"]\nRUN a `\n  b\n",
		"FROM $A\nENV A=$A\nUSER $A\nWORKDIR $A\nADD $A $A\nEXPOSE $A\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		readings := make([]*contract.Reading, 2)
		for i := range readings {
			file := syntax.Parse(source.New("Dockerfile", text))
			if contract.Accept(file) != nil {
				return
			}
			readings[i] = contract.Read(file, build.New(file, build.Options{}), nil, nil)
		}
		if err := readings[0].Permits(readings[1], nil); err != nil {
			t.Errorf("the file does not permit itself: %v", err)
		}
	})
}

// BenchmarkBuildKit is the yardstick.
func BenchmarkBuildKit(b *testing.B) {
	for b.Loop() {
		result, err := parser.Parse(strings.NewReader(sample))
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := instructions.Parse(result.AST, linter.New(&linter.Config{})); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPermits reads both texts anew, scripts included.
func BenchmarkPermits(b *testing.B) {
	for b.Loop() {
		if err := read(b, sample).Permits(read(b, sample), nil); err != nil {
			b.Fatal(err)
		}
	}
}
