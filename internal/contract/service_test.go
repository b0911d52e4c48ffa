package contract_test

import (
	"testing"

	"github.com/drydock-dev/drydock/internal/fix"
)

// TestService rewrites a whole file as several fixers do together.
func TestService(t *testing.T) {
	const before = `FROM python:3.11
WORKDIR /srv
RUN apt-get update
RUN apt-get install -y build-essential libpq-dev
# the application
COPY . .
RUN pip install -r requirements.txt
EXPOSE 8000
CMD ["gunicorn", "app:app"]
`
	const after = `FROM python:3.11 AS build
WORKDIR /srv
RUN apt-get update && apt-get install -y --no-install-recommends build-essential libpq-dev
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt ./
RUN pip install -r requirements.txt

FROM python:3.11-slim
WORKDIR /srv
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
# the application
COPY . .
RUN groupadd -g 1001 app && useradd -u 1001 -g app -m app
USER 1001
EXPOSE 8000
CMD ["gunicorn", "app:app"]
`
	declared := []fix.Change{
		{Kind: fix.ChangeBase, Subject: "python:3.11-slim"},
		{Kind: fix.ChangeEnv, Subject: "PATH"},
		{Kind: fix.ChangeUser, Subject: "1001"},
		{Kind: fix.AddCommand, Subject: "python -m venv /opt/venv"},
		{Kind: fix.AddCommand, Subject: "groupadd -g 1001 app && useradd -u 1001 -g app -m app"},
		{Kind: fix.MoveInstruction, Subject: "RUN pip install -r requirements.txt"},
		{Kind: fix.DropPackage, Subject: "build-essential"},
		{Kind: fix.DropPackage, Subject: "libpq-dev"},
		{Kind: fix.AddPackage, Subject: "libpq5"},
		{Kind: fix.DropCommand, Subject: "pip install -r requirements.txt"},
	}
	cases := []rewrite{{name: "all declared", before: before, after: after, changes: declared}}
	for i, c := range declared {
		rest := append(append([]fix.Change{}, declared[:i]...), declared[i+1:]...)
		cases = append(cases, rewrite{name: "without " + c.Subject, before: before, after: after, changes: rest, why: " "})
	}
	check(t, cases)
}
