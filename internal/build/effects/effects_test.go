package effects_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

var kinds = [...]string{"opaque", "nothing", "state", "installs", "removes", "lists", "depends", "accounts", "files", "fetches", "compiles", "runs"}

func TestOf(t *testing.T) {
	for command, want := range map[string]string{
		"mkdir -p a /b":                         "files /app/a /b",
		"cd /opt && touch x":                    "state; files /opt/x",
		"D=/opt/x; mkdir $D":                    "state; files /opt/x",
		"mkdir $ELSEWHERE":                      "opaque",
		"echo a > /etc/x":                       "files /etc/x",
		"rm -rf /tmp/x /root/.cache":            "nothing gone /tmp/x /root/.cache",
		"rm -rf ~/.npm":                         "nothing gone /root/.npm",
		"rm /app/x":                             "files gone /app/x",
		"sed -i s/a/b/ /etc/x":                  "files /etc/x",
		"sed s/a/b/ /etc/x":                     "nothing",
		"chown -R app:app /app":                 "files /app",
		"curl -sSLo /usr/bin/x https://e.org/":  "fetches /usr/bin/x",
		"wget -qO/usr/bin/x https://e.org/y":    "fetches /usr/bin/x",
		"curl -fsSLo/usr/bin/x https://e.org/":  "fetches /usr/bin/x",
		"rm -rf ~/.cache $HOME/.npm":            "nothing gone /root/.cache /root/.npm",
		"curl -LO https://e.org/a.tgz":          "fetches /app/a.tgz",
		"wget -qO/bin/probe https://e.org/p":    "fetches /bin/probe",
		"wget -qP /opt https://e.org/a.tgz":     "fetches /opt/a.tgz",
		"tar xzf a.tgz -C /opt/a":               "fetches /opt/a/",
		"unzip -q a.zip -d /opt/a":              "fetches /opt/a/",
		"git clone https://e.org/a.git":         "fetches /app/a/",
		"apt-get update":                        "lists",
		"apt-get install -y gcc":                "installs",
		"apt-get purge -y gcc":                  "removes",
		"pip install flask":                     "depends",
		"useradd app":                           "accounts",
		"make install":                          "compiles",
		"python manage.py migrate":              "runs",
		"python -m venv /v":                     "depends",
		"frobnicate":                            "opaque",
		"bash -c 'cd /opt && touch x'; touch y": "state; files /opt/x; files /app/y",
		"su -c 'pip install flask'":             "depends",
		"/bin/sh -ec \"npm ci\"":                "depends",
		"bash -lc 'npm ci'":                     "depends",
		"bash -lc 'pip install flask'":          "opaque",
		"su app -c 'pip install flask'":         "opaque",
		"bash -c 'apt-get install -y gcc'":      "opaque",
		"bash -c 'echo a' > /etc/x":             "opaque /etc/x",
		"bash -c \"mkdir $D\"":                  "opaque",
	} {
		file := syntax.Parse(source.New("Dockerfile", "FROM python:3.11\nWORKDIR /app\nRUN "+command+"\n"))
		stage := build.New(file, build.Options{}).Last()
		var got []string
		for _, e := range effects.Of(stage, stage.Instructions[1]) {
			parts := append([]string{kinds[e.Kind]}, e.Writes...)
			if len(e.Gone) > 0 {
				parts = append(append(parts, "gone"), e.Gone...)
			}
			if e.Kind == effects.Opaque && e.Reason == "" {
				t.Errorf("%s is opaque without a reason", command)
			}
			got = append(got, strings.Join(parts, " "))
		}
		if s := fmt.Sprint(strings.Join(got, "; ")); s != want {
			t.Errorf("%s: %s, want %s", command, s, want)
		}
	}
}
