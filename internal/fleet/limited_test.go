package fleet

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/forge/fake"
)

// What a call takes is not documented. These are a slow request over the internet, and
// a read of a git object.
const (
	callTime   = 300 * time.Millisecond
	objectTime = 3 * time.Millisecond
)

// TestFleetWithinLimits plans repositories of which no two have the same files, within
// the limits that GitHub has: each is read by its tree and a part of a query, and
// after that by a part of a query alone.
func TestFleetWithinLimits(t *testing.T) {
	together(t)
	n := max(repositories(t), 12)
	server := fake.New(t)
	server.CallTime, server.QueryTime, server.ObjectTime = callTime, callTime, objectTime
	for i := range n {
		server.Add(numbered(i), different(i))
	}
	r := newRun(t, server.URL, nothing)
	r.token = server.Token
	replaceIn(t, r, "everything: true", "organisations: [acme]")
	plan := func(args ...string) (asked fake.Counts, lasted time.Duration) {
		from, begun := len(server.Log()), time.Now()
		_, took := r.do(append(args, "-q")...)
		lasted, asked = time.Since(begun), fake.Count(server.Log()[from:])
		t.Logf("%v: %d repositories in %v, %+v, %d MB, %v of the processor", args[1], n, lasted.Round(time.Millisecond), asked,
			took.megabytes(), took.processor.Round(time.Millisecond))
		took.within(t)
		return asked, lasted
	}
	defer withinLimits(t, server)
	const owner = 1 // that has set nothing: which is not free to ask
	pages := (n + 99) / 100
	asked, took := plan("campaign", "plan", "c.yaml")
	if asked.Reads != n+pages+owner || asked.Queries < 1 || asked.Queries > n/2 || asked.Writes+asked.Free+asked.Refused != 0 {
		t.Errorf("%+v for %d repositories", asked, n)
	}
	if limit := 2 * time.Minute * time.Duration(n) / 1000; n >= 1000 && took > limit {
		t.Errorf("%v, and %v is promised", took, limit)
	}
	asked, took = plan("campaign", "rescan", "c")
	if asked.Reads != owner || asked.Free > pages || asked.Queries < 1 || asked.Queries > n/2 || asked.Writes+asked.Refused != 0 {
		t.Errorf("a rescan in which nothing happened: %+v", asked)
	}
	if limit := 2 * time.Minute * time.Duration(n) / 1000; n >= 1000 && took > limit {
		t.Errorf("a rescan in which nothing happened: %v, and %v is promised", took, limit)
	}
}

// different gives files that no other number has, as the repository of a service
// has them.
func different(i int) map[string]string {
	name := fmt.Sprintf("service%d", i)
	dockerfile := due
	if i%3 == 2 {
		dockerfile = notDue
	}
	return map[string]string{
		"Dockerfile":               strings.Replace(dockerfile, "\n", "\nLABEL name="+name+"\n", 1),
		".dockerignore":            "*.md\n" + name + "\n",
		".github/workflows/ci.yml": "on: push\njobs:\n  " + name + ":\n    runs-on: ubuntu-latest\n    steps: [{run: docker build .}]\n",
		"Makefile":                 name + ":\n\tdocker build -t " + name + " .\n",
		"deploy/" + name + ".yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\nspec:\n  containers: [{name: a, image: " + name + "}]\n",
		"README.md":                "# " + name + "\n",
		"src/main.go":              "package main // " + name + "\n",
	}
}
