package effects

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/shell"
)

// option is the value of the first of the named options that is given, as the
// next word or behind = or, for short ones, right after the letter.
func option(args []shell.Word, names ...string) (shell.Word, bool) {
	for i, w := range args {
		for _, name := range names {
			long := strings.HasPrefix(name, "--")
			rest, ok := strings.CutPrefix(w.Value, name)
			if !ok && !long {
				rest, ok = clusterValue(w.Value, name)
			}
			switch {
			case !ok && !long && isClusterEndingIn(w.Value, name) && i+1 < len(args):
				return args[i+1], true
			case !ok && !long && behindCluster(w.Value, name) != "":
				value := behindCluster(w.Value, name)
				return shell.Word{Raw: value, Value: value, Literal: w.Literal, Glob: w.Glob, Params: w.Params}, w.Literal
			case !ok:
			case rest == "" && i+1 < len(args):
				return args[i+1], true
			case long && rest != "" && rest[0] == '=' || !long && rest != "":
				value := strings.TrimPrefix(rest, "=")
				return shell.Word{Raw: value, Value: value, Literal: w.Literal, Glob: w.Glob, Params: w.Params}, w.Literal
			}
		}
	}
	return shell.Word{}, false
}

// clusterValue is what stands behind an option's letter in a group of letters that
// ends in its value, such as -qO/usr/bin/x.
func clusterValue(arg, name string) (value string, ok bool) {
	at := strings.IndexByte(arg, name[1])
	if at < 2 || arg[0] != '-' || arg[1] == '-' || at+1 == len(arg) {
		return "", false
	}
	letters := strings.ToLower(arg[1:at])
	return arg[at+1:], strings.Trim(letters, "abcdefghijklmnopqrstuvwxyz") == "" && strings.HasPrefix(arg[at+1:], "/")
}

// isClusterEndingIn reports whether arg is a group of letters such as -sSLo whose
// last one is the option's.
func isClusterEndingIn(arg, name string) bool {
	return len(arg) > 2 && arg[0] == '-' && arg[1] != '-' && arg[len(arg)-1] == name[1] && !strings.ContainsAny(arg, "=/.:")
}

// plainLetters are the options of curl and wget that take no value and that people
// write in one word with one that does: -qO/usr/bin/x.
const plainLetters = "qnvcNSLsfkgij"

// behindCluster is the value that stands in one word with the option and letters
// before it, "" if none does.
func behindCluster(arg, name string) string {
	if len(arg) < 4 || arg[0] != '-' || arg[1] == '-' {
		return ""
	}
	letters := strings.TrimLeft(arg[1:], plainLetters)
	value, ok := strings.CutPrefix(letters, name[1:])
	if !ok || len(letters) == len(arg)-1 {
		return ""
	}
	return value
}

func has(args []shell.Word, names ...string) bool {
	for _, w := range args {
		for _, name := range names {
			if w.Value == name || len(name) == 2 && len(w.Value) > 2 && w.Value[0] == '-' && w.Value[1] != '-' &&
				!strings.ContainsAny(w.Value, "=/.:") && strings.IndexByte(w.Value, name[1]) > 0 {
				return true
			}
		}
	}
	return false
}

// fetched is the effect of a download to a file.
func (r *reader) fetched(target shell.Word) Effect {
	p := r.path(target)
	if p == "" {
		return Effect{Kind: Fetches, Reason: r.notKnown("the file that it downloads to")}
	}
	return Effect{Kind: Fetches, Writes: []string{p}}
}

// address is the argument that is a URL.
func address(args []shell.Word) (shell.Word, bool) {
	for _, w := range args {
		if strings.Contains(w.Value, "://") {
			return w, true
		}
	}
	return shell.Word{}, false
}

// byAddress is the effect of a download that takes its name from the address.
func (r *reader) byAddress(args []shell.Word, dir string) Effect {
	url, ok := address(args)
	value, known := r.value(url)
	if !ok || !known || dir == "" {
		return Effect{Kind: Fetches, Reason: r.notKnown("the name of the file that it downloads")}
	}
	value, _, _ = strings.Cut(value, "?")
	return Effect{Kind: Fetches, Writes: []string{path.Join(dir, path.Base(value))}}
}

func (r *reader) curl(args []shell.Word) Effect {
	if target, ok := option(args, "--output", "-o"); ok {
		return r.fetched(target)
	}
	if has(args, "-O", "--remote-name", "-J") {
		return r.byAddress(args, r.cwd)
	}
	return Effect{Kind: Fetches}
}

func (r *reader) wget(args []shell.Word) Effect {
	if target, ok := option(args, "--output-document", "-O"); ok {
		if target.Value == "-" {
			return Effect{Kind: Fetches}
		}
		return r.fetched(target)
	}
	dir := r.cwd
	if target, ok := option(args, "--directory-prefix", "-P"); ok {
		dir = r.path(target)
	}
	return r.byAddress(args, dir)
}

// tar unpacks into a folder; which files is not known.
func (r *reader) tar(args []shell.Word) Effect {
	extracts := has(args, "-x", "--extract", "--get") || len(args) > 0 && !args[0].IsFlag() && strings.Contains(args[0].Value, "x")
	if !extracts {
		return Effect{Kind: Nothing}
	}
	return r.unpacked(args, "--directory", "-C")
}

func (r *reader) unzip(args []shell.Word) Effect { return r.unpacked(args, "-d") }

func (r *reader) unpacked(args []shell.Word, into ...string) Effect {
	dir := r.cwd
	if target, ok := option(args, into...); ok {
		dir = r.path(target)
	}
	if dir == "" {
		return Effect{Kind: Fetches, Reason: r.notKnown("the folder that it unpacks to")}
	}
	return Effect{Kind: Fetches, Writes: []string{strings.TrimSuffix(dir, "/") + "/"}}
}

func (r *reader) git(args []shell.Word) Effect {
	operands := words(args, "-b", "--branch", "--depth", "-C", "-c")
	if len(operands) == 0 || operands[0].Value != "clone" {
		if has(args, "--version") || len(operands) > 0 && operands[0].Value == "config" {
			return Effect{Kind: Files}
		}
		return Effect{Kind: Fetches, Reason: "git works in a folder that cannot be told"}
	}
	if len(operands) == 3 {
		p := r.path(operands[2])
		if p == "" {
			return Effect{Kind: Fetches, Reason: r.notKnown("the folder that git clones to")}
		}
		return Effect{Kind: Fetches, Writes: []string{p + "/"}}
	}
	e := r.byAddress(args, r.cwd)
	for i := range e.Writes {
		e.Writes[i] = strings.TrimSuffix(e.Writes[i], ".git") + "/"
	}
	return e
}

func (r *reader) gpg(args []shell.Word) Effect {
	if target, ok := option(args, "--output", "-o"); ok {
		return r.fetched(target)
	}
	return Effect{Kind: Fetches, Reason: "gpg changes its own keyring"}
}

// dpkg installs files as packages.
func (r *reader) dpkg(args []shell.Word) Effect {
	if has(args, "-i", "--install", "--unpack") {
		return Effect{Reason: "dpkg installs a package from a file"}
	}
	return Effect{Kind: Nothing}
}
