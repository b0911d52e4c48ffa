package numericuser

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// A server is a kind of program that needs no root to run, unless its options say
// otherwise.
type server struct {
	programs []string
	// verb is what the first argument must be: a word, a suffix such as ".jar",
	// or "" for anything.
	verb string
	// anywhere: options may stand before the verb.
	anywhere bool
	// own: the author's own program, which is a service only if the image says so
	// by EXPOSE.
	own bool
	// refuse is why the program is no such server after all.
	refuse string
}

// servers are the programs that a last stage may start as another user than root.
//
// Left out: what drops privileges by itself (nginx, httpd, php-fpm, sshd, cron,
// supervisord), databases, which own their data folders, and development servers,
// which write beside the source (vite, next dev, webpack-dev-server); dotnet, whose
// images open port 80 before .NET 8 and are not known to facts.DefaultUser.
var servers = []server{
	// Port 8000 by default; heartbeat files go to /tmp (docs.gunicorn.org, settings).
	{programs: []string{"gunicorn"}},
	// Port 8000 by default; no files (uvicorn.org/settings, hypercorn.readthedocs.io).
	{programs: []string{"uvicorn", "hypercorn"}},
	// Port 8080 by default; no files (docs.pylonsproject.org/projects/waitress).
	{programs: []string{"waitress-serve"}},
	// Port 8000 by default; no files (github.com/django/daphne; fastapi.tiangolo.com/fastapi-cli).
	{programs: []string{"daphne"}},
	{programs: []string{"fastapi"}, verb: "run"},
	// Port 8501 by default; it reads .streamlit, and writes in the home at most
	// (docs.streamlit.io/deploy/tutorials/docker).
	{programs: []string{"streamlit"}, verb: "run"},
	// No port and no files; the beat keeps its schedule in a file
	// (docs.celeryq.dev/en/stable/reference/cli.html).
	{programs: []string{"celery"}, verb: "beat", anywhere: true, refuse: "celery beat writes its schedule"},
	{programs: []string{"celery"}, verb: "worker", anywhere: true},
	// Port 5000 by default; no files (flask.palletsprojects.com/cli).
	{programs: []string{"flask"}, verb: "run"},
	// The author's own program: its source is read; see writes.go.
	{programs: pythons, verb: ".py", own: true},
	{programs: pythons, verb: "-m", own: true},
	{programs: []string{"ruby"}, verb: ".rb", own: true},
	{programs: []string{"node"}, verb: ".js", own: true},
	{programs: []string{"node"}, verb: ".mjs", own: true},
	{programs: []string{"node"}, verb: ".cjs", own: true},
	{programs: []string{"node"}, verb: ".", own: true},
	// Port 9292 by default; no files without its own configuration, which is read.
	{programs: []string{"puma", "rackup"}},
	// Temporary files go to /tmp.
	{programs: []string{"java"}, verb: "-jar", own: true},

	// Port 3000 by default; the folders are those that the Dockerfile of "rails new"
	// gives to its user (github.com/rails/rails, railties/lib/rails/generators/rails/app/templates/Dockerfile.tt).
	{programs: []string{"rails"}, verb: "server"},
	{programs: []string{"rails"}, verb: "s"},
	// No port; no files without options (github.com/sidekiq/sidekiq/wiki/Advanced-Options).
	{programs: []string{"sidekiq"}},
}

var pythons = []string{"python", "python3"}

// sourceOf are the extensions of the source of what a program runs; one that is
// not here is a binary.
func sourceOf(program string) []string {
	switch program {
	case "node":
		return []string{".js"}
	case "ruby", "puma", "rackup", "rails", "sidekiq":
		return []string{".rb"}
	case "java":
		return []string{".java"}
	case "gunicorn", "uvicorn", "hypercorn", "waitress-serve", "flask", "python", "python3", "daphne", "fastapi", "streamlit", "celery":
		return []string{".py"}
	}
	return []string{".go", ".rs"}
}

// serverOf returns the row of a command line, after "bundle exec" and "exec".
func serverOf(argv []string) (server, bool) {
	name := path.Base(argv[0])
	for _, s := range servers {
		if slices.Contains(s.programs, name) && s.takes(argv[1:]) {
			return s, true
		}
	}
	return server{}, false
}

func (s server) takes(args []string) bool {
	for !s.anywhere && len(args) > 0 && s.verb != "" && args[0] != s.verb && strings.HasPrefix(args[0], "-") {
		args = args[1:] // python -u app.py, java -Xmx512m -jar app.jar
	}
	switch {
	case s.verb == "", s.anywhere && slices.Contains(args, s.verb):
		return true
	case s.anywhere || len(args) == 0:
		return false
	case s.verb == ".js" && path.Ext(args[0]) == "" && args[0] != ".":
		return !strings.HasPrefix(args[0], "-") // node dist/main
	case s.verb[0] == '.':
		return strings.HasSuffix(args[0], s.verb)
	}
	return args[0] == s.verb
}

// fileOptions are options by which servers write files, or read settings that are
// not read here.
var fileOptions = []string{
	"--log-file", "--access-logfile", "--error-logfile", "--access-log", "--error-log", "--log-config", "--log-config-json",
	"-p", "--pid", "--pidfile", "-P", "-c", "--config", "-C", "-S", "--state", "--redirect-stdout", "--redirect-stderr",
	"-f", "--logfile", "-s", "--schedule", "--statedb", "-B", "--beat", "--detach", "-e", "--environment", "-u", "--user", "-g", "--group", "-m", "--umask", "-D", "--daemon", "--reload", "--uds", "--statsd-host", "--chdir", "--workdir", "--app-dir",
}

// readSettings are the kinds of settings files that are programs, and are read as
// sources: config/puma.rb, gunicorn.conf.py.
var readSettings = []string{".py", ".rb"}

// optionRefusal is why the options of a server speak against another user.
func optionRefusal(argv []string) string {
	name := path.Base(argv[0])
	for i, arg := range argv[1:] {
		option, value, hasValue := strings.Cut(arg, "=")
		if !hasValue && i+2 < len(argv) {
			value = argv[i+2]
		}
		switch {
		case !slices.Contains(fileOptions, option) || slices.Contains(pythons, name) || name == "java":
		case option == "-p" && name != "gunicorn" || option == "-u" && name == "uvicorn":
		case (option == "-C" || option == "-c" || option == "--config") && slices.Contains(readSettings, path.Ext(value)):
			// The sources are read, and these are among them.
		case value == "-" || strings.HasPrefix(value, "/dev/std"):
		default:
			return name + " " + option + " names what it writes or reads"
		}
		if strings.HasPrefix(value, "unix:") || strings.HasPrefix(arg, "unix:") {
			return name + " listens on a socket file"
		}
	}
	return ""
}

// pathRefusal is why a path among the arguments speaks against another user: what
// the program writes is often named there.
func pathRefusal(argv []string, workdir string) string {
	for i, arg := range argv[1:] {
		_, name, hasValue := strings.Cut(arg, "=")
		if !hasValue {
			name = arg
		}
		isProgram := i == 0 || slices.Contains([]string{".py", ".rb", ".js", ".mjs", ".cjs", ".jar"}, path.Ext(name))
		switch {
		case !strings.HasPrefix(name, "/") || isProgram && !hasValue:
		case name == workdir || strings.HasPrefix(name, "/tmp/") || strings.HasPrefix(name, "/dev/"):
		default:
			return "the program may write to " + name
		}
	}
	return ""
}

// dropsPrivileges are the images whose own program starts as root and goes on as
// another user.
//
// Source: the docker-entrypoint.sh or the default configuration of each.
var dropsPrivileges = []string{
	"nginx", "httpd", "php", "postgres", "mysql", "mariadb", "mongo", "redis", "valkey/valkey", "memcached", "rabbitmq", "tomcat",
	"haproxy", "traefik", "caddy", "elasticsearch", "ghost", "wordpress", "drupal", "nextcloud", "couchdb", "cassandra", "neo4j", "vault", "consul",
}

// hosts are the images that applications are built on, whose own entry point, if
// there is one, starts the command as it is.
var hosts = []string{
	"python", "pypy", "node", "ruby", "golang", "rust", "perl", "openjdk", "eclipse-temurin", "amazoncorretto", "sapmachine",
	"debian", "ubuntu", "alpine", "centos", "amazonlinux", "almalinux", "rockylinux", "fedora", "oraclelinux",
}

// ownAccounts are the unprivileged accounts that images have for the application.
//
// Source: github.com/nodejs/docker-node, docs/BestPractices.md.
var ownAccounts = map[string]string{
	"node": "node",
}

// isLowPort reports whether text is a port that only root may open where
// net.ipv4.ip_unprivileged_port_start is the kernel's 1024.
func isLowPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n > 0 && n < 1024
}
