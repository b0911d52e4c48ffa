package accounts_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/accounts"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// at is what is known at the end of the last stage of a Dockerfile whose build
// context has the files.
func at(t *testing.T, dockerfile string, files map[string]string) *accounts.Known {
	t.Helper()
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := project.NewContext(tree, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	m := build.New(syntax.Parse(source.New("Dockerfile", dockerfile)), build.Options{})
	return accounts.At(c, m.Last(), nil)
}

// described is an account in words: its name, ID and group, "?" for what the tool
// chooses and "$" before what a build argument may set.
func described(k *accounts.Known, name string) string {
	a, ok := k.User(accounts.Literal(name))
	if !ok {
		return "none"
	}
	group := text(a.Group)
	if group == "?" && a.GID.IsGiven() {
		group = text(a.GID)
	}
	said := fmt.Sprintf("%s:%s", text(a.UID), group)
	if a.Unsure != "" {
		said += " unsure"
	}
	return said
}

func text(v accounts.Value) string {
	switch {
	case !v.IsGiven():
		return "?"
	case len(v.Args) > 0:
		return "$" + v.Text
	}
	return v.Text
}

func TestUsers(t *testing.T) {
	const debian, fedora, alpine, suse, unknown = "debian:bookworm", "fedora:40", "alpine:3.19", "opensuse/leap:15.5", "example.org/base:1"
	for _, c := range []struct{ base, run, want string }{
		{debian, "useradd app", "?:app"},
		{debian, "useradd -u 1500 app", "1500:app"},
		{debian, "useradd -u1500 app", "1500:app"},
		{debian, "useradd --uid=1500 app", "1500:app"},
		{debian, "useradd --uid 1500 --gid 1600 app", "1500:1600"},
		{debian, "useradd -ru 1500 app", "1500:app"},
		{debian, "useradd -rms /bin/bash -u 1500 app", "1500:app"},
		{debian, "useradd -N app", "?:?"},
		{debian, "useradd -g users -G audio,video app", "?:users"},
		{debian, "useradd -c 'the app' -d /app -k /skel -K UMASK=077 -p x app", "?:app"},
		{debian, "useradd -R /mnt app", "none"}, // of another root
		{debian, "sudo useradd -u 1500 app", "1500:app"},
		{debian, "/usr/sbin/useradd -u 1500 app", "1500:app"},
		{debian, "groupadd -g 1600 web && useradd -u 1500 -g web app", "1500:web"},
		{debian, "useradd -u 1500 app || true", "1500:app"},
		{debian, "useradd -u 1500 app; useradd -u 1501 app", "1501:app unsure"},
		{debian, "useradd app && usermod -u 1500 -g users app", "1500:users"},
		{debian, "useradd -u 1500 other && usermod -l app other", "1500:other"},
		{debian, "useradd -u 1500 app && userdel app", "none"},
		{debian, "useradd --frobnicate app", "none"},

		{debian, "adduser --disabled-password --gecos '' app", "?:app"},
		{debian, "adduser --uid 1500 --gid 100 app", "1500:100"},
		{debian, "adduser --uid 1500 --ingroup users app", "1500:users"},
		{debian, "adduser --system app", "?:nogroup"},
		{debian, "adduser --system --group --uid 150 app", "150:app"},
		{debian, "adduser --system --no-create-home --home /nonexistent --shell /bin/false app", "?:nogroup"},
		{debian, "useradd -u 1500 app && adduser app audio", "1500:app"},
		{debian, "adduser -D app", "none"}, // BusyBox's form

		{fedora, "adduser -u 1500 app", "1500:app"},
		{fedora, "adduser --system -M app", "?:app"},
		{fedora, "adduser --disabled-password app", "none"}, // Debian's form
		{suse, "useradd -u 1500 app", "1500:?"},             // USERGROUPS_ENAB is no there
		{suse, "useradd -U app", "?:app"},

		{alpine, "adduser -D app", "?:app"},
		{alpine, "adduser -D -u 1500 app", "1500:app"},
		{alpine, "adduser -Du 1500 app", "1500:app"},
		{alpine, "adduser -S app", "?:nogroup"},
		{alpine, "adduser -SDH -s /bin/false -h /app -g '' -u 150 app", "150:nogroup"},
		{alpine, "addgroup -S web && adduser -S -G web app", "?:web"},
		{alpine, "adduser -D -u 1500 app app", "1500:app"},
		{alpine, "adduser --uid 1500 --disabled-password app", "1500:app"},
		{alpine, "adduser --system --ingroup web app", "?:web"},
		{alpine, "apk add --no-cache shadow && useradd -u 1500 app", "1500:app"},
		{alpine, "busybox adduser -D -u 1500 app", "1500:app"},
		{debian, "busybox adduser -D -u 1500 app", "1500:app"},

		{unknown, "useradd -u 1500 app", "1500:app"},
		{unknown, "useradd -u 1500 app || true", "1500:app unsure"},
		{unknown, "id app || useradd -u 1500 app", "1500:app unsure"},
		{unknown, "apk update && adduser -D -u 1500 app", "1500:app"},
		{unknown, "adduser --uid 1500 app", "1500:app"},

		{debian, "echo 'app:x:1500:1600::/app:/bin/sh' >> /etc/passwd", "1500:1600"},
		{debian, "printf 'app:x:1500:1600::/:\\n' | tee -a /etc/passwd", "1500:1600"},
		{debian, "echo 'app:x:1500:1600::/:' > /etc/passwd", "1500:1600"},
	} {
		t.Run(c.base+" "+c.run, func(t *testing.T) {
			if got := described(at(t, "FROM "+c.base+"\nRUN "+c.run+"\n", nil), "app"); got != c.want {
				t.Errorf("app is %s, want %s", got, c.want)
			}
		})
	}
}

// TestBaseAccounts: a command does not make again what the base image has.
func TestBaseAccounts(t *testing.T) {
	for _, c := range []struct{ base, run, name, want string }{
		{"debian:bookworm", "true", "www-data", "33:www-data"},
		{"debian:bookworm", "useradd -u 1500 www-data", "www-data", "33:www-data"},
		{"debian:bookworm", "usermod -u 1500 www-data", "www-data", "1500:www-data"},
		{"debian:bookworm", "usermod -u 1500 www-data || true", "www-data", "1500:www-data unsure"},
		{"node:20", "deluser --remove-home node", "node", "none"},
		{"node:20", "userdel node || true", "node", "none"},
		{"node:20", "if true; then userdel node; fi", "node", "1000:node"},
		{"node:20-alpine", "adduser -D -u 1500 node || true", "node", "1000:node"},
		{"alpine:3.19", "apk add postgresql16", "postgres", "70:postgres"},
		{"debian:bookworm", "apt-get install -y postgresql", "postgres", "none"},
		{"scratch", "true", "root", "none"},
	} {
		t.Run(c.base+" "+c.run, func(t *testing.T) {
			if got := described(at(t, "FROM "+c.base+"\nRUN "+c.run+"\n", nil), c.name); got != c.want {
				t.Errorf("%s is %s, want %s", c.name, got, c.want)
			}
		})
	}
}

// TestVariables: what a build argument may set stays one.
func TestVariables(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"ENV ID=1500\nRUN useradd -u $ID app", "1500:app"},
		{"ARG ID=1500\nRUN useradd -u $ID app", "$1500:app"},
		{"ARG ID\nRUN useradd -u $ID app", "$:app"},
		{"ARG ID=1500\nENV ID=$ID\nRUN useradd -u $ID app", "$1500:app"},
		{"RUN ID=1500 && useradd -u $ID app", "1500:app"},
		{"RUN export ID=1500; useradd -u ${ID} app", "1500:app"},
		{"RUN useradd -u ${ID:-1500} app", "1500:app"},
		{"RUN [ -z \"$X\" ] || ID=1500; useradd -u $ID app", "$:app"},
		{"RUN useradd -u $(cat id) app", "$:app"},
		{"ENV NAME=app\nRUN useradd -u 1500 $NAME", "1500:app"},
		{"ARG NAME=app\nRUN useradd -u 1500 $NAME", "none"},
	} {
		t.Run(c.lines, func(t *testing.T) {
			if got := described(at(t, "FROM debian:bookworm\n"+c.lines+"\n", nil), "app"); got != c.want {
				t.Errorf("app is %s, want %s", got, c.want)
			}
		})
	}
}

func TestGroups(t *testing.T) {
	for _, c := range []struct{ base, run, want string }{
		{"debian:bookworm", "groupadd web", "?"},
		{"debian:bookworm", "groupadd -g 1600 web", "1600"},
		{"debian:bookworm", "groupadd --system --gid 1600 web", "1600"},
		{"debian:bookworm", "addgroup --gid 1600 web", "1600"},
		{"debian:bookworm", "addgroup --system web", "?"},
		{"debian:bookworm", "adduser --group --gid 1600 web", "1600"},
		{"debian:bookworm", "groupadd web && groupmod -g 1600 web", "1600"},
		{"debian:bookworm", "groupadd -g 1600 old && groupmod -n web old", "1600"},
		{"debian:bookworm", "groupadd -g 1600 web && groupdel web", "none"},
		{"debian:bookworm", "groupadd -f -g 1600 web", "1600"},
		{"example.org/base:1", "groupadd -f -g 1600 web", "1600 unsure"},
		{"alpine:3.19", "addgroup -S -g 1600 web", "1600"},
		{"alpine:3.19", "addgroup -Sg 1600 web", "1600"},
		{"alpine:3.19", "addgroup app web", "none"}, // a member of it
		{"debian:bookworm", "echo 'web:x:1600:app' >> /etc/group", "1600"},
	} {
		t.Run(c.base+" "+c.run, func(t *testing.T) {
			got := "none"
			if g, ok := at(t, "FROM "+c.base+"\nRUN "+c.run+"\n", nil).GroupNamed(accounts.Literal("web")); ok {
				if got = text(g.GID); g.Unsure != "" {
					got += " unsure"
				}
			}
			if got != c.want {
				t.Errorf("web is %s, want %s", got, c.want)
			}
		})
	}
}

// TestContext: scripts and account files of the build context.
func TestContext(t *testing.T) {
	for _, c := range []struct {
		name, lines string
		files       map[string]string
		want, gap   string
	}{
		{"script", "COPY . /app\nWORKDIR /app\nRUN ./setup.sh", map[string]string{"setup.sh": "#!/bin/sh\nuseradd -u 1500 app\n"}, "1500:app", ""},
		{"script in PATH", "COPY setup /usr/local/bin/\nRUN setup.sh", map[string]string{"setup/setup.sh": "useradd -u 1500 app\n"}, "1500:app", ""},
		{"script of a shell", "COPY setup.sh /tmp/x.sh\nRUN sh -ex /tmp/x.sh", map[string]string{"setup.sh": "useradd -u 1500 app\n"}, "1500:app", ""},
		{"other interpreter", "COPY setup.sh /\nRUN /setup.sh", map[string]string{"setup.sh": "#!/usr/bin/perl\nuseradd -u 1500 app\n"}, "none", ""},
		{"no script", "RUN ./setup.sh", nil, "none", "the script ./setup.sh, which is not in the build context"},
		{"a variable of the RUN", "COPY setup.sh /\nRUN ID=1500; /setup.sh", map[string]string{"setup.sh": "useradd -u $ID app\n"}, "$:app", ""},
		{"a variable of the file", "ENV ID=1500\nCOPY setup.sh /\nRUN /setup.sh", map[string]string{"setup.sh": "useradd -u $ID app\n"}, "1500:app", ""},
		{"a script of itself", "COPY setup.sh /\nRUN /setup.sh", map[string]string{"setup.sh": "useradd -u 1500 app\n/setup.sh\n"}, "1500:app", "the script /setup.sh"},
		{"a function", "COPY setup.sh /\nRUN /setup.sh", map[string]string{"setup.sh": "f() { useradd -u 1500 app; }\nf\n"}, "1500:app", ""},
		{"passwd", "COPY passwd /etc/passwd", map[string]string{"passwd": "app:x:1500:1500::/:\n"}, "1500:1500", ""},
		{"passwd with CRLF", "COPY passwd /etc/", map[string]string{"passwd": "app:x:1500:1500:c:/home\r\n"}, "1500:1500", ""},
		{"passwd is hidden", "COPY passwd /etc/", map[string]string{"passwd": "app:x:1500:1500::\n", ".dockerignore": "passwd\n"}, "none", "the file passwd"},
		{"a root folder", "COPY root /", map[string]string{"root/etc/passwd": "app:x:1500:1500::\n"}, "1500:1500", ""},
		{"a later command", "COPY passwd /etc/\nRUN useradd -u 1600 app2 && usermod -u 1700 app", map[string]string{"passwd": "app:x:1500:1500::\n"}, "1700:1500", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := at(t, "FROM debian:bookworm\n"+c.lines+"\n", c.files)
			if got := described(k, "app"); got != c.want {
				t.Errorf("app is %s, want %s", got, c.want)
			}
			if got := strings.Join(k.Gaps, "; "); got != c.gap {
				t.Errorf("the gaps are %q, want %q", got, c.gap)
			}
		})
	}
}
