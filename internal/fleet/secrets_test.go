package fleet

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/campaign/store/storetest"
	"github.com/drydock-dev/drydock/internal/serve/login/oidctest"
)

// TestFleetSecretsStayIn: every secret that drydock is given or comes by is a word of
// its own here, and is looked for in all that is left of a day on which things went
// wrong: the output of every command, every row of every table, River's included,
// the files below the tables, what the forge was told in public, and the arguments
// of all processes meanwhile.
func TestFleetSecretsStayIn(t *testing.T) {
	t.Parallel()
	t.Run("a token and a file", func(t *testing.T) {
		t.Parallel()
		d := newDay(t, "")
		asUser(d)
		secretsStayIn(d)
	})
	t.Run("an App and PostgreSQL", func(t *testing.T) {
		t.Parallel()
		d := newDay(t, storetest.Postgres(t)())
		asApp(d)
		secretsStayIn(d)
	})
}

// The path of a database may have spaces.
var serving = regexp.MustCompile(`drydock: serves .+ at (http://[^ ,\n]+)`)

func secretsStayIn(d *day) {
	t := d.t
	watched := d.watch()

	campaigns := filepath.Join(d.dir, "campaigns")
	if err := os.Mkdir(campaigns, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(d.dir, "c.yaml"), filepath.Join(campaigns, "c.yaml")); err != nil {
		t.Fatal(err)
	}
	endServing := d.begin("serve", "--listen", "127.0.0.1:0", "--address", "http://drydock.example", "--campaigns", "campaigns",
		"--oidc-issuer", d.issuer.URL, "--oidc-client", oidctest.Client, "--operator", "group:platform")
	waitFor(t, "a server", time.Minute, func() bool {
		found := serving.FindStringSubmatch(d.text())
		if found != nil {
			d.url = found[1]
		}
		return found != nil
	})
	endWorking := func() {}
	if d.forge.App != nil {
		endWorking = d.begin("worker", "-j", "2")
	}
	d.visit()

	for _, args := range [][]string{
		{"campaign", "status"}, {"campaign", "status", "c"}, {"campaign", "audit"}, {"campaign", "plan", "campaigns/c.yaml", "--report", "plan.html"},
		{"campaign", "rescan", "c"}, {"pr", d.forge.URL + "/acme/shop", "--dry-run"}, {"pr", "acme/proxied"},
	} {
		_ = d.process(args...).Run() // whatever comes of it
	}
	endWorking()
	endServing()
	d.look(watched())
}

// watch reads the arguments of all processes of this machine until it is asked what
// it has seen.
func (d *day) watch() (seen func() map[string]bool) {
	ctx, stop := context.WithCancel(d.t.Context())
	all, ended := map[string]bool{}, make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
			for _, name := range files {
				if text, err := os.ReadFile(name); err == nil { // it may have ended
					all[string(text)] = true
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return func() map[string]bool {
		stop()
		<-ended
		return all
	}
}

// look looks for secrets in all that is left. Words that must be there show that it
// can find some.
func (d *day) look(arguments map[string]bool) {
	t := d.t
	t.Helper()
	places := map[string][]byte{"the output": []byte(d.text())}
	var argv strings.Builder
	for one := range arguments {
		argv.WriteString(strings.ReplaceAll(one, "\x00", " ") + "\n")
	}
	places["the arguments of processes"] = []byte(argv.String())
	tables := d.tables()
	for name, rows := range tables {
		places["the table "+name] = []byte(rows)
	}
	folders := []string{d.dir}
	if u, err := url.Parse(d.database); err == nil && u.Scheme == "postgres" {
		folders = append(folders, u.Query().Get("host"))
	}
	files := 0
	for _, dir := range folders {
		must := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return nil // PostgreSQL removes files as it likes
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return nil
			}
			files++
			if leaks := d.leaks(text); len(leaks) > 0 {
				t.Errorf("the file %s has %v", path, leaks)
			}
			return nil
		})
		if must != nil {
			t.Fatal(must)
		}
	}
	for _, name := range []string{"shop", "web"} {
		for _, p := range d.forge.Repository("acme/" + name).Pulls {
			places["pull request of "+name] = fmt.Appendf(nil, "%+v", *p)
		}
	}
	for place, text := range places {
		if leaks := d.leaks(text); len(leaks) > 0 {
			t.Errorf("%s: %v:\n%.3000s", place, leaks, text)
		}
	}
	all := func(place string) string { return string(places[place]) }
	for place, word := range map[string]string{
		"the output": "who=1234 role=operator", "the arguments of processes": "serve --listen 127.0.0.1:0",
		"the table changeset": "you sent", "the table river_job": "acme/shop", "the table audit": "ann", "the table delivery": "acme/web",
		"pull request of shop": "drydock",
	} {
		if !strings.Contains(all(place), word) {
			t.Errorf("%s lacks %q, so looking there shows nothing:\n%.3000s", place, word, all(place))
		}
	}
	for _, name := range []string{"campaign", "changeset_text", "budget", "identity", "pause", "transition", "river_queue", "river_leader"} {
		if _, ok := tables[name]; !ok {
			t.Errorf("the table %s was not looked into", name)
		}
	}
	if d.issuer.Secret() != d.all["the client's secret at the issuer"] {
		t.Error("the issuer was not told the client's secret, so that it had no way out")
	}
	t.Logf("%d secrets, %d tables, %d files, %d processes, %d bytes of output", len(d.all), len(tables), files, len(arguments), len(d.text()))
}

// tables gives all rows of all tables as text.
func (d *day) tables() map[string]string {
	t := d.t
	t.Helper()
	s, err := store.Open(t.Context(), d.database)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list := "SELECT name, '\"' || name || '\"' FROM sqlite_master WHERE type = 'table'"
	row := "SELECT * FROM %s"
	if s.Pool() != nil {
		list = "SELECT table_name, format('%I.%I', table_schema, table_name) FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
		row = "SELECT t::text FROM %s t"
	}
	named, err := s.DB().QueryContext(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for named.Next() {
		var name, quoted string
		if err := named.Scan(&name, &quoted); err != nil {
			t.Fatal(err)
		}
		names[name] = quoted
	}
	named.Close()
	all := map[string]string{}
	for name, quoted := range names {
		rows, err := s.DB().QueryContext(t.Context(), fmt.Sprintf(row, quoted))
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		var text strings.Builder
		for rows.Next() {
			cells := make([]any, len(columns))
			for i := range cells {
				cells[i] = new([]byte)
			}
			if err := rows.Scan(cells...); err != nil {
				t.Fatal(err)
			}
			for _, c := range cells {
				text.Write(*c.(*[]byte))
				text.WriteByte('\t')
			}
			text.WriteByte('\n')
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
		all[name] = text.String()
	}
	return all
}
