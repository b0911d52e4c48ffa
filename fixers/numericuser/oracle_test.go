package numericuser_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-dev/drydock/fixers/numericuser"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

// TestToolsAgree runs the commands before and after with the real tools, each in
// a copy of this machine's /etc: the account gets the ID that USER says, and
// keeps its groups, home and shell.
func TestToolsAgree(t *testing.T) {
	for _, c := range []struct{ name, base, run string }{
		{"useradd", "debian:bookworm", "useradd -m app"},
		{"useradd with ID", "debian:bookworm", "useradd -u 1500 -m app"},
		{"useradd system", "debian:bookworm", "useradd -r app"},
		{"useradd own group", "debian:bookworm", "useradd -U app"},
		{"useradd no group", "debian:bookworm", "useradd -N app"},
		{"useradd in a group", "debian:bookworm", "groupadd -r web && useradd -r -g web -G audio app"},
		{"useradd with shell", "debian:bookworm", "useradd --create-home --home-dir /home/x --shell /bin/bash app"},
		{"useradd after others", "debian:bookworm", "useradd a && groupadd b && useradd c && useradd app"},
		{"usermod", "debian:bookworm", "useradd -u 1500 app && usermod -u 1600 -aG video app"},
		{"adduser", "debian:bookworm", "adduser --disabled-password --gecos '' app"},
		{"adduser system", "debian:bookworm", "adduser --system app"},
		{"adduser system group", "debian:bookworm", "adduser --system --group app"},
		{"adduser in a group", "debian:bookworm", "addgroup --system web && adduser --system --ingroup web app"},
		{"adduser to a group", "debian:bookworm", "useradd app && adduser app audio"},
		{"line of passwd", "debian:bookworm", "export uid=1500 && echo \"app:x:$uid:100::/app:/bin/sh\" >> /etc/passwd"},
		{"BusyBox", "alpine:3.19", "adduser -D app"},
		{"BusyBox system", "alpine:3.19", "adduser -S app"},
		{"BusyBox in a group", "alpine:3.19", "addgroup -S web && adduser -S -G web app"},
		{"BusyBox long options", "alpine:3.19", "adduser --disabled-password --gecos x --home /home/y app"},
		{"BusyBox second name", "alpine:3.19", "adduser -D -u 1500 app app"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "FROM " + c.base + "\nRUN " + c.run + "\nUSER app\nCMD [\"x\"]\n"
			result, err := engine.Run(context.Background(), engine.Input{Text: text}, []fix.Fixer{numericuser.Fixer})
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(result.Text, "\n")
			want := strings.TrimPrefix(lines[2], "USER ")
			busybox := strings.HasPrefix(c.base, "alpine")
			before := account(t, c.run, busybox)
			after := account(t, strings.TrimPrefix(lines[1], "RUN "), busybox)
			if after.id != want {
				t.Errorf("%s makes the ID %s, and USER says %s", lines[1], after.id, want)
			}
			if before.rest != after.rest {
				t.Errorf("%s makes %s instead of %s", lines[1], after.rest, before.rest)
			}
		})
	}
}

// TestMissingAccount runs the commands that make an account with the real tools.
func TestMissingAccount(t *testing.T) {
	for _, base := range []string{"debian:bookworm", "alpine:3.19"} {
		t.Run(base, func(t *testing.T) {
			text := "FROM " + base + "\nUSER app\nCMD [\"x\"]\n"
			result, err := engine.Run(context.Background(), engine.Input{Text: text}, []fix.Fixer{numericuser.Fixer})
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(result.Text, "\n")
			got := account(t, strings.TrimPrefix(lines[1], "RUN "), strings.HasPrefix(base, "alpine"))
			groups, home, _ := strings.Cut(got.rest, "/")
			if got.id != "1001" || groups != "app\napp\n" || !strings.HasPrefix(home, "home/app:") {
				t.Errorf("%s makes %s %s", lines[1], got.id, got.rest)
			}
		})
	}
}

// TestRooms runs the commands that give the folders to the user with the real
// tools: as that user, the program can write there and nowhere beside.
func TestRooms(t *testing.T) {
	files, err := project.NewContext(fstest.MapFS{
		"app.py":         {Data: []byte("app = Flask(__name__)\napp.config['UPLOAD_FOLDER'] = 'up/new'\nopen('log/a', 'a')\ncreate_engine('sqlite:///app.db')\n")},
		"log/first":      {Data: []byte("x")},
		"app.db":         {Data: []byte("x")},
		"static/app.css": {Data: []byte("x")},
	}, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{"python:3.11-slim-bookworm", "python:3.11-alpine"} {
		t.Run(base, func(t *testing.T) {
			text := "FROM " + base + "\nWORKDIR /srv/app\nCOPY . .\nEXPOSE 8000\nCMD [\"gunicorn\", \"app:app\"]\n"
			result, err := engine.Run(context.Background(), engine.Input{Text: text, Context: files}, []fix.Fixer{numericuser.Fixer})
			if err != nil {
				t.Fatal(err)
			}
			run, ok := strings.CutPrefix(strings.Split(result.Text, "\n")[3], "RUN ")
			if !ok {
				t.Fatalf("no user is added:\n%s", result.Text)
			}
			account(t, `set -e
mount -t tmpfs none /srv
mkdir -p /srv/app/log /srv/app/static
cd /srv/app
touch app.db log/first static/app.css
`+run+`
as() { setpriv --reuid=1001 --regid=1001 --clear-groups "$@"; }
as touch up/new/x log/x app.db-journal log/first
as sh -c 'echo x >> app.db'
for f in static/x static/app.css up/x; do
	if as sh -c "echo x >> $f"; then exit 1; fi
done`, strings.Contains(base, "alpine"))
		})
	}
}

// made is what a script made of the account app: its ID, and its groups, home and
// shell.
type made struct{ id, rest string }

// account runs a script in a mount namespace of its own.
func account(t *testing.T, script string, busybox bool) made {
	t.Helper()
	if os.Getuid() != 0 || exec.Command("unshare", "-m", "true").Run() != nil {
		t.Skip("needs root and mount namespaces")
	}
	dir := t.TempDir()
	path := os.Getenv("PATH")
	if busybox {
		path = busyboxTools(t, dir) + ":" + path
	} else if _, err := exec.LookPath("adduser"); err != nil {
		t.Skip("needs Debian's adduser")
	}
	cmd := exec.Command("unshare", "-m", "sh", "-c", `set -e
mkdir "$1/etc"
for f in passwd group shadow gshadow subuid subgid login.defs default skel nsswitch.conf adduser.conf pam.d security ld.so.cache; do
	[ ! -e /etc/$f ] || cp -a /etc/$f "$1/etc"
done
sed -i -E '/^[^:]*:[^:]*:[1-5][0-9]{3,4}:/d' "$1/etc/passwd" "$1/etc/group" # this machine's own users
mount --bind "$1/etc" /etc
mount -t tmpfs none /home
mount -t tmpfs none /var/mail
{ sh -c "$2"; } >&2 </dev/null
id -u app
id -gn app; id -Gn app; getent passwd app | cut -d: -f6,7`, "sh", dir, script)
	cmd.Env = append(os.Environ(), "PATH="+path)
	var messages strings.Builder
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, messages.String())
	}
	id, rest, _ := strings.Cut(string(out), "\n")
	return made{id, rest}
}

// busyboxTools returns a folder with adduser and addgroup of a BusyBox that has
// them; Debian's has not, so $BUSYBOX may name another, such as that of .ci/busybox.
func busyboxTools(t *testing.T, dir string) string {
	t.Helper()
	program := os.Getenv("BUSYBOX")
	if program == "" {
		program, _ = exec.LookPath("busybox")
	}
	list, _ := exec.Command(program, "--list").Output()
	if !strings.Contains(string(list), "adduser") {
		t.Skip("needs a BusyBox with adduser; set BUSYBOX")
	}
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"adduser", "addgroup"} {
		if err := os.Symlink(program, filepath.Join(bin, tool)); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}
