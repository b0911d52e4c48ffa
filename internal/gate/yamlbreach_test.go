package main

import (
	"strings"
	"testing"
)

// TestBreachesOfYAMLAreSeen: the gate would notice each fault that it is there for.
func TestBreachesOfYAMLAreSeen(t *testing.T) {
	const before = "spec:\n  x: 1 # why\n  containers:\n  - image: org/app\n    env: []\n  - image: nginx\n"
	for name, test := range map[string]struct{ after, want string }{
		"nothing":           {before, ""},
		"right":             {strings.Replace(before, "    env", "    securityContext: {runAsUser: 1}\n    env", 1), ""},
		"another container": {before + "    securityContext: {runAsUser: 1}\n", "securityContext is added to a container of nginx"},
		"the pod":           {"spec:\n  securityContext: {runAsUser: 1}\n" + before[6:], "securityContext is added to a pod that runs nginx too"},
		"another key":       {before + "    privileged: true\n", "the key privileged is new"},
		"a value":           {strings.Replace(before, "x: 1", "x: 2", 1), "1 becomes 2"},
		"a key goes":        {strings.Replace(before, "    env: []\n", "", 1), "the key env goes"},
		"a comment":         {strings.Replace(before, " # why", "", 1), "a comment is lost"},
		"no YAML":           {"a: b: c", "the result does not parse"},
		"an item":           {before + "  - image: x\n", "a list changes"},
	} {
		got := strings.Join(yamlBreaches(before, test.after, "docker.io/org/app"), "; ")
		if test.want == "" && got != "" || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
