package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/fixers"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
)

// service is a file of ordinary size, with something to do for most fixers.
const service = `FROM python:3.12-bookworm
WORKDIR /app
# the database's library
RUN apt-get update
RUN apt-get install -y \
    build-essential \
    libpq-dev
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
RUN useradd -m app && chown -R app /app
USER app
CMD ["gunicorn", "app:app"]
`

// BenchmarkRun is the rewrite of one small file.
func BenchmarkRun(b *testing.B) { rewrite(b, service) }

// BenchmarkParsers is what BuildKit's own parsers cost on the same file: drydock
// is to stay within ten times of it.
func BenchmarkParsers(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := buildkit(service); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLines shows the cost of a line in files of growing length, which is to
// stay about the same.
func BenchmarkLines(b *testing.B) {
	for _, lines := range []int{100, 1_000, 10_000} {
		text := longFile(lines)
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			rewrite(b, text)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/line")
		})
	}
}

// BenchmarkShapes shows the cost of a part in files of one kind of part alone, in
// growing number: it is to stay about the same, too.
func BenchmarkShapes(b *testing.B) {
	const install = "RUN apt-get update\nRUN apt-get install -y git\n"
	for _, shape := range []struct {
		name string
		file func(parts int) string
	}{
		{"stages", func(n int) string {
			return numbered(n, "FROM debian:bookworm AS s%d\nRUN make %[1]d\n") + "FROM debian:bookworm\n" + install
		}},
		{"chain", func(n int) string {
			return "FROM debian:bookworm AS s0\n" + install + numbered(n, "FROM s%d AS s%d\nRUN make %[1]d\n")
		}},
		{"script", func(n int) string {
			return "FROM debian:bookworm\n" + install + "RUN true" + numbered(n, " && \\\n    make target%d") + "\n"
		}},
		{"packages", func(n int) string {
			return "FROM debian:bookworm\nRUN apt-get update\nRUN apt-get install -y git" + numbered(n, " \\\n    package%d") + "\n"
		}},
		{"heredoc", func(n int) string {
			return "FROM debian:bookworm\n" + install + "COPY <<EOF /etc/app.conf\n" + numbered(n, "key%d=value\n") + "EOF\n"
		}},
	} {
		for _, parts := range []int{100, 1_000, 10_000} {
			text := shape.file(parts)
			b.Run(fmt.Sprintf("%s/%d", shape.name, parts), func(b *testing.B) {
				rewrite(b, text)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*parts), "ns/part")
			})
		}
	}
}

// numbered repeats a form with the numbers of the place before and of its own.
func numbered(n int, form string) string {
	var b strings.Builder
	for i := range n {
		if strings.Count(form, "%d") > 1 {
			fmt.Fprintf(&b, form, i, i+1)
			continue
		}
		fmt.Fprintf(&b, form, i)
	}
	return b.String()
}

// longFile has about so many lines, something to fix in every third of them.
func longFile(lines int) string {
	var b strings.Builder
	b.WriteString("FROM debian:bookworm\n")
	for n := 1; n < lines; n += 10 {
		fmt.Fprintf(&b, "# step %d\nENV STEP_%d=done\nRUN apt-get update && \\\n    apt-get install -y \\\n        curl \\\n        git-%d\n", n, n, n)
		fmt.Fprintf(&b, "COPY dir%d/ /srv/%d/\nRUN pip install package%d\nWORKDIR /srv/%d\n\n", n, n, n, n)
	}
	b.WriteString("CMD [\"/bin/true\"]\n")
	return b.String()
}

func rewrite(b *testing.B, text string) {
	list, err := fix.Order(fixers.All())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		result, err := engine.Run(context.Background(), engine.Input{Name: "Dockerfile", Text: text}, list)
		if err != nil || result.Text == text {
			b.Fatalf("nothing was done: %v", err)
		}
	}
}
