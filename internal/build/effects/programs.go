package effects

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/shell"
)

// programs are commands whose operands do not matter for what kind of effect they
// have. Sources: POSIX utilities; coreutils; shadow-utils; Debian's adduser.
var programs = map[string]Kind{
	// They print, test or wait. What they print to a file is seen by the redirect.
	"echo": Nothing, "printf": Nothing, "true": Nothing, "false": Nothing, ":": Nothing, "test": Nothing, "[": Nothing, "[[": Nothing,
	"ls": Nothing, "cat": Nothing, "which": Nothing, "type": Nothing, "pwd": Nothing, "date": Nothing, "uname": Nothing, "id": Nothing,
	"whoami": Nothing, "sleep": Nothing, "head": Nothing, "tail": Nothing, "grep": Nothing, "egrep": Nothing, "awk": Nothing, "cut": Nothing, "tr": Nothing,
	"sort": Nothing, "uniq": Nothing, "wc": Nothing, "basename": Nothing, "dirname": Nothing, "readlink": Nothing, "stat": Nothing, "du": Nothing, "df": Nothing,
	"sha256sum": Nothing, "sha512sum": Nothing, "sha1sum": Nothing, "md5sum": Nothing, "dpkg-query": Nothing, "nproc": Nothing, "sync": Nothing, "exit": Nothing, "expr": Nothing, "seq": Nothing, "getent": Nothing,
	"dpkg-architecture": Nothing, "base64": Nothing, "diff": Nothing, "file": Nothing, "tree": Nothing, "jq": Nothing, "lsb_release": Nothing, "xxd": Nothing, "shasum": Nothing,

	// Of the builtins that change the shell, those that run what they are given.
	"eval": Opaque, "source": Opaque, ".": Opaque, "exec": Opaque,

	"useradd": Accounts, "adduser": Accounts, "usermod": Accounts, "userdel": Accounts, "groupadd": Accounts, "addgroup": Accounts,
	"groupmod": Accounts, "groupdel": Accounts, "passwd": Accounts, "chpasswd": Accounts, "deluser": Accounts, "gpasswd": Accounts, "chage": Accounts, "chsh": Accounts,

	// They set up what the distribution keeps in files of its own, by tools that
	// Debian's smallest image has or that the package set up brings.
	"ldconfig": Files, "locale-gen": Files, "localedef": Files, "update-locale": Files, "dpkg-reconfigure": Files, "update-alternatives": Files,
	"update-ca-certificates": Files, "debconf-set-selections": Files, "a2enmod": Files, "a2dismod": Files, "a2ensite": Files, "a2dissite": Files,
	"fc-cache": Files, "sysctl": Files, "setcap": Files, "crontab": Files, "ln": Files,

	"make": Compiles, "cmake": Compiles, "gcc": Compiles, "g++": Compiles, "cc": Compiles, "c++": Compiles, "clang": Compiles, "ninja": Compiles,
	"meson": Compiles, "configure": Compiles, "autoreconf": Compiles, "cargo": Compiles, "rustc": Compiles, "go": Compiles, "mvn": Compiles, "gradle": Compiles,
	"autogen.sh": Compiles, "bootstrap.sh": Compiles, "b2": Compiles, "ld": Compiles, "ar": Compiles, "javac": Compiles, "dotnet": Compiles, "cython": Compiles,
	"gradlew": Compiles, "mvnw": Compiles, "rustup": Compiles, "strip": Compiles, "upx": Compiles, "protoc": Compiles, "buf": Compiles,
	"sqlc": Compiles, "swag": Compiles, "templ": Compiles, "gofmt": Compiles, "golangci-lint": Compiles, "ldd": Nothing,

	// They bundle and translate JavaScript, or run the tools that do.
	"npx": Compiles, "pnpx": Compiles, "bunx": Compiles, "corepack": Compiles, "node": Compiles, "tsc": Compiles, "vite": Compiles,
	"webpack": Compiles, "ng": Compiles, "nest": Compiles, "gulp": Compiles, "grunt": Compiles, "rollup": Compiles, "esbuild": Compiles,
	"parcel": Compiles, "next": Compiles, "nuxt": Compiles, "nuxi": Compiles, "babel": Compiles, "tsup": Compiles, "turbo": Compiles,
	"nx": Compiles, "lerna": Compiles, "bower": Compiles, "prisma": Compiles,

	// They run what the application's dependencies bring.
	"django-admin": Runs, "flask": Runs, "alembic": Runs, "gunicorn": Runs, "uvicorn": Runs, "celery": Runs, "pytest": Runs, "manage.py": Runs,
	"pybabel": Runs, "sphinx-build": Runs, "mkdocs": Runs, "jupyter": Runs, "rails": Runs, "rake": Runs, "rspec": Runs, "jekyll": Runs, "bootsnap": Runs,
	"virtualenv": Depends, "pipx": Opaque, "streamlit": Runs, "spacy": Runs, "nltk": Runs, "playwright": Opaque, "black": Runs, "flake8": Runs, "mypy": Runs, "isort": Runs, "pylint": Runs, "tox": Runs,
}

// KindOf is what the name of a program says about its effect, whatever its operands;
// not ok if it says nothing.
func KindOf(program string) (kind Kind, ok bool) {
	kind, ok = programs[program]
	return kind, ok && kind != Opaque
}

// virtualenv makes an environment, ensurepip is its seed.
var environments = map[string]bool{"venv": true, "virtualenv": true, "ensurepip": true}

// readers are commands whose operands say which files they make.
var readers = map[string]func(*reader, []shell.Word) Effect{
	"mkdir":   func(r *reader, a []shell.Word) Effect { return r.files(r.operands(a, "-m", "--mode")) },
	"touch":   func(r *reader, a []shell.Word) Effect { return r.files(r.operands(a, "-d", "-r", "-t")) },
	"tee":     func(r *reader, a []shell.Word) Effect { return r.files(r.operands(a)) },
	"chmod":   (*reader).changed,
	"chown":   (*reader).changed,
	"chgrp":   (*reader).changed,
	"setfacl": (*reader).changed,
	"cp":      (*reader).moved,
	"mv":      (*reader).moved,
	"install": (*reader).moved,
	"rm":      (*reader).removed,
	"rmdir":   (*reader).removed,
	"sed":     (*reader).sed,
	"find":    (*reader).find,
	"curl":    (*reader).curl,
	"wget":    (*reader).wget,
	"tar":     (*reader).tar,
	"unzip":   (*reader).unzip,
	"git":     (*reader).git,
	"gpg":     (*reader).gpg,
	"dpkg":    (*reader).dpkg,
}

// isInterpreter reports whether a program runs code of the application: a Python
// or Ruby of any version.
func isInterpreter(name string) bool {
	for _, prefix := range []string{"python", "pypy", "ruby"} {
		version, ok := strings.CutPrefix(name, prefix)
		if ok && strings.Trim(version, "0123456789.") == "" {
			return true
		}
	}
	return false
}

// interpreted reads what an interpreter runs.
func interpreted(args []shell.Word) Effect {
	for i, w := range args {
		switch {
		case w.Value == "-m" && i+1 < len(args):
			return module(args[i+1].Value)
		case w.Value == "-c" || w.Value == "-e":
			return Effect{Kind: Runs}
		case w.Value == "--version" || w.Value == "-V":
			return Effect{Kind: Nothing}
		case w.IsFlag():
			continue
		case path.Base(w.Value) == "setup.py" || path.Base(w.Value) == "get-pip.py":
			return Effect{Kind: Compiles, Reason: path.Base(w.Value) + " installs into site-packages"}
		}
		return Effect{Kind: Runs}
	}
	return Effect{Kind: Nothing}
}

// module reads "python -m name".
func module(name string) Effect {
	switch {
	case environments[name]:
		return Effect{Kind: Depends}
	case name == "build":
		return Effect{Kind: Compiles}
	}
	return Effect{Kind: Runs}
}
