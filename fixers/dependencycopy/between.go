package dependencycopy

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A RUN that needs the source goes below the install with it:
//
//	COPY . .
//	RUN chmod +x start.sh
//
// Not where the install may need what it does, and so not where it does more than
// change files by name or install for another ecosystem; nor where a RUN that stays
// may need the files.

// changeNamedFiles are programs that change nothing but the files and folders that
// their words name.
var changeNamedFiles = map[string]bool{
	"chmod": true, "chown": true, "chgrp": true, "touch": true, "dos2unix": true, "sed": true, "ls": true, "cat": true, "ln": true, "cp": true, "mv": true, "rm": true, "mkdir": true, "echo": true, "printf": true, "true": true,
}

// makeNoContent are those of changeNamedFiles that leave no content for an install
// to read.
var makeNoContent = map[string]bool{"chmod": true, "chown": true, "chgrp": true, "touch": true, "ls": true, "cat": true, "mkdir": true, "echo": true, "printf": true, "true": true}

// changesNothing reports whether a program only looks, or changes the shell that
// runs it.
func changesNothing(program string) bool {
	kind, ok := effects.KindOf(program)
	return ok && kind == effects.Nothing && !changeNamedFiles[program] || program == "set" || program == "cd" || program == "umask"
}

// noInstallReads are where servers and the container's start look for files, and no
// install does.
var noInstallReads = []string{
	"/etc/nginx", "/etc/apache2", "/etc/httpd", "/etc/supervisor", "/etc/supervisord.conf", "/etc/supervisord.d", "/etc/supervisor.d", "/etc/cron.d", "/etc/crontab", "/etc/crontabs",
	"/etc/init.d", "/etc/service", "/etc/services.d", "/etc/my_init.d", "/etc/systemd", "/etc/logrotate.d", "/etc/rsyslog.d", "/etc/sudoers.d", "/etc/localtime", "/etc/timezone", "/etc/haproxy", "/etc/caddy", "/etc/uwsgi",
	"/usr/share/nginx", "/usr/local/nginx", "/var/www", "/var/log", "/var/run", "/run", "/srv", "/data", "/config",
}

// mayMatter says why a RUN that stands between the source and the install, and has
// to stay behind the source, may matter to the install; "" if it does not.
func (p *plan) mayMatter(run *syntax.Instruction) string {
	other := readSteps(p.pass, p.stage, run)
	if reason := other.script.Opaque; reason != "" {
		return reason
	}
	for _, st := range other.list {
		switch {
		case st.kind == isInstall && st.install.ecosystem != p.installs[0].ecosystem:
		case st.kind != isInstall && p.changesOnly(other, st):
		default:
			return fmt.Sprintf("%s stands between, and %s may depend on it", briefOf(run), p.installs[0].program)
		}
	}
	return ""
}

// changesOnly reports whether a step changes files by name, none of which an
// install reads.
func (p *plan) changesOnly(s *steps, st step) bool {
	for _, cmd := range st.Commands {
		name, args := cmd.Runs()
		if !changeNamedFiles[name] && !changesNothing(name) {
			return false
		}
		for _, w := range args {
			if !w.IsFlag() && !changesNothing(name) && p.reaches(s, st, name, w) {
				return false
			}
		}
		for _, r := range cmd.Redirects {
			if r.Writes() && p.reaches(s, st, ">", r.Target) {
				return false
			}
		}
	}
	return true
}

// reaches reports whether a word of a command names, or may name, a file that an
// install reads. A folder that holds one matters to programs that replace or remove
// files.
func (p *plan) reaches(s *steps, st step, program string, w shell.Word) bool {
	value, ok := s.imagePath(st, w)
	if !ok {
		return true
	}
	if program == "chmod" && wrappers[path.Base(value)] {
		return p.ahead == nil
	}
	if program == "chmod" || program == "chown" || program == "chgrp" {
		return false
	}
	if !makeNoContent[program] && !p.isOfNoInstall(s, value) {
		return true
	}
	whole := program == "rm" || program == "mv" || program == "cp" || program == "ln" || w.Glob
	for _, in := range p.installs {
		if p.isWritten(in, value) && program != "mkdir" {
			return true
		}
		for _, name := range append(in.reads.Files, in.reads.Dirs...) {
			if rel, ok := below(value, in.at.imageOf(name)); ok && (rel == "." || whole) {
				return true
			}
		}
	}
	return false
}

// imagePath is the path of the image that a word names, the folder of those that a
// pattern matches.
func (s *steps) imagePath(st step, w shell.Word) (string, bool) {
	value, ok := s.expand(w)
	if w.Glob {
		value, ok = path.Dir(w.Value), st.dir != ""
	}
	if !ok || st.dir == "" && !path.IsAbs(value) {
		return "", false
	}
	if !path.IsAbs(value) {
		value = path.Join(st.dir, value)
	}
	return path.Clean(value), true
}

// isOfNoInstall reports whether no install looks for files at an image path but by
// its manifests: it lies in the source, or where servers look for theirs.
func (p *plan) isOfNoInstall(s *steps, image string) bool {
	if p.isOfSource(s, image) {
		return true
	}
	if path.Dir(image) == "/" && path.Ext(image) == ".sh" {
		return true // /entrypoint.sh
	}
	return strings.HasSuffix(image, "entrypoint.sh") || slices.ContainsFunc(noInstallReads, func(dir string) bool {
		_, ok := below(dir, image)
		return ok
	})
}

// isOfSource reports whether an image path lies where a COPY puts the source, or where
// the install works.
func (p *plan) isOfSource(s *steps, image string) bool {
	if _, ok := s.layout.fileAt(image); ok {
		return true
	}
	for _, in := range p.installs {
		if _, ok := below(in.at.image, image); ok && in.at.image != "/" {
			return true
		}
	}
	return slices.ContainsFunc(s.layout.deliveries, func(d delivery) bool {
		_, ok := below(d.image, image)
		return ok && d.isDir && d.image != "/"
	})
}

// leavesFor reports whether a RUN that moves changes files outside the source that
// a step which stays names, or looks for by itself: a2ensite site.
func (p *plan) leavesFor(moved *syntax.Instruction, s *steps, st step) bool {
	used := s.named(st)
	setsUp := slices.ContainsFunc(st.Commands, func(cmd *shell.Command) bool {
		name, _ := cmd.Runs()
		kind, _ := effects.KindOf(name)
		return kind == effects.Files
	})
	other := readSteps(p.pass, p.stage, moved)
	for _, from := range other.list {
		for _, changed := range other.named(from) {
			if p.isOfSource(other, changed) {
				continue
			}
			if setsUp || slices.ContainsFunc(used, func(image string) bool { return overlap(changed, image) }) {
				return true
			}
		}
	}
	return false
}

// named are the image paths that the words of a step may name.
func (s *steps) named(st step) []string {
	var paths []string
	for _, cmd := range st.Commands {
		name, words := cmd.Runs()
		if changesNothing(name) {
			words = nil
		}
		for _, r := range cmd.Redirects {
			words = append(words[:len(words):len(words)], r.Target)
		}
		for _, w := range words {
			if image, ok := s.imagePath(st, w); ok && !w.IsFlag() && image != "/" {
				paths = append(paths, image)
			}
		}
	}
	return paths
}
