package pkgmgr_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// readings are commands and what is recognised of them: the manager, the action,
// the verb, the options and the operands; "" for what is not recognised. They are
// the seeds of FuzzRecognise too.
var readings = []struct{ claim, command, want string }{
	{"an install", "apt-get install -y curl git=1:2.1", "apt-get install install [-y] [curl git=1:2.1]"},
	{"an option before the verb", "apt-get -y install curl", "apt-get install install [-y] [curl]"},
	{"an option's value before the verb", "apt-get -o Debug::x=1 install curl", "apt-get install install [-o] [curl]"},
	{"an option's value behind =", "apt-get --option=Debug::x=1 install curl", "apt-get install install [--option=Debug::x=1] [curl]"},
	{"an option's value behind the verb", "apt-get install -t bookworm-backports curl", "apt-get install install [-t] [curl]"},
	{"a value in the option's own word", "apt-get install -tbookworm curl", "apt-get install install [-tbookworm] [curl]"},
	{"a cluster that ends in an option with a value", "apt-get install -yt bookworm curl", "apt-get install install [-yt] [curl]"},
	{"behind -- there are no options", "apt-get install -- curl -x", "apt-get install install [] [curl -x]"},
	{"an update", "apt update -qq", "apt-get update update [-qq] []"},
	{"an upgrade", "apt-get -y dist-upgrade", "apt-get upgrade dist-upgrade [-y] []"},
	{"a clean-up", "apt-get clean", "apt-get clean clean [] []"},
	{"a path to the program", "/usr/bin/apt-get install curl", "apt-get install install [] [curl]"},
	{"sudo", "sudo apt-get install curl", "apt-get install install [] [curl]"},
	{"sudo with options", "sudo -E -u root apt-get install curl", "apt-get install install [] [curl]"},
	{"env", "env DEBIAN_FRONTEND=noninteractive apt-get install curl", "apt-get install install [] [curl]"},
	{"an assignment", "DEBIAN_FRONTEND=noninteractive apt-get install curl", "apt-get install install [] [curl]"},
	{"a verb that no table has", "apt-get frobnicate curl", ""},
	{"no verb", "apt-get", ""},
	{"another program", "aptly install curl", ""},
	{"a program from a variable", "$APT install curl", ""},
	{"the manager as an argument", "echo apt-get install curl", ""},

	{"apk", "apk add --no-cache -t .deps gcc musl-dev", "apk install add [--no-cache -t] [gcc musl-dev]"},
	{"apk's option in one word", "apk --update add --virtual=.deps gcc", "apk install add [--update --virtual=.deps] [gcc]"},
	{"apk from a repository", "apk add -X https://example.com/edge gcc@edge", "apk install add [-X] [gcc@edge]"},
	{"apk's removal", "apk del .deps", "apk remove del [] [.deps]"},

	{"a verb of two words", "dnf group install -y dev", "dnf install group install [-y] [dev]"},
	{"a clean-up of two words", "dnf clean all", "dnf clean clean all [] []"},
	{"a clean-up of no known kind", "dnf clean dbcache", ""},
	{"yum's repository", "yum --enablerepo epel install -y jq", "yum install install [--enablerepo -y] [jq]"},
	{"metadata", "microdnf makecache", "microdnf update makecache [] []"},
	{"tdnf", "tdnf install -y tar", "tdnf install install [-y] [tar]"},
	{"zypper's short verb", "zypper -n in -t pattern devel", "zypper install in [-n -t] [devel]"},
	{"a verb that is an option", "pacman -Syu --noconfirm git", "pacman install -Syu [-Syu --noconfirm] [git]"},
	{"pacman's clean-up", "pacman -Scc", "pacman clean -Scc [-Scc] []"},

	{"pip with requirements", "pip install -r requirements.txt flask==2", "pip install install [-r] [flask==2]"},
	{"pip's cluster", "pip3 install -Ur requirements.txt", "pip install install [-Ur] []"},
	{"pip's value in the option's own word", "pip install -rrequirements.txt flask", "pip install install [-rrequirements.txt] [flask]"},
	{"pip of a version", "pip3.11 install flask", "pip install install [] [flask]"},
	{"pip as a module", "python3 -m pip install flask", "pip install install [] [flask]"},
	{"pip as a module of a path, with options", "/venv/bin/python3.12 -u -m pip --no-input install flask", "pip install install [--no-input] [flask]"},
	{"a module that is no manager", "python3 -m venv /venv", ""},
	{"a script of python", "python3 setup.py install", ""},
	{"the longer verb", "pip cache purge", "pip clean cache purge [] []"},
	{"uv's pip", "uv pip install --system -r requirements.txt", "uv install pip install [--system -r] []"},
	{"uv's sync", "uv sync --frozen --no-dev", "uv install sync [--frozen --no-dev] []"},
	{"poetry", "poetry install --only main -n", "poetry install install [--only -n] []"},
	{"pipenv", "pipenv install --system --deploy", "pipenv install install [--system --deploy] []"},
	{"conda's environment", "conda env create -f environment.yml", "conda install env create [-f] []"},
	{"conda's cluster", "mamba create -yn py python=3.11", "conda install create [-yn] [python=3.11]"},
	{"conda's clean-up", "conda clean -afy", "conda clean clean [-afy] []"},

	{"npm's global option", "npm --prefix /app ci --omit=dev", "npm install ci [--prefix --omit=dev] []"},
	{"npm's global install", "npm install -g pnpm@8", "npm install install [-g] [pnpm@8]"},
	{"npm's clean-up", "npm cache clean --force", "npm clean cache clean [--force] []"},
	{"npm's script", "npm run install", "npm other run [] [install]"},
	{"yarn alone", "yarn", "yarn install  [] []"},
	{"yarn alone with options", "yarn --frozen-lockfile --network-timeout 100", "yarn install  [--frozen-lockfile --network-timeout] []"},
	{"yarn's version", "yarn --version", ""},
	{"bundler's version", "bundle -v", ""},
	{"yarn's script", "yarn tsc --build", "yarn other tsc [--build] []"},
	{"yarn's script in a folder", "yarn --cwd web compile add", "yarn other compile [--cwd] [add]"},
	{"yarn's global install", "yarn global add serve", "yarn install global add [] [serve]"},
	{"pnpm's script", "pnpm --filter web generate", "pnpm other generate [--filter] []"},
	{"pnpm in a folder", "pnpm -C web i --frozen-lockfile", "pnpm install i [-C --frozen-lockfile] []"},
	{"gem", "gem install rails -v 7.1 --no-document", "gem install install [-v --no-document] [rails]"},
	{"bundle alone", "bundle --jobs 4", "bundle install  [--jobs] []"},
	{"bundle exec", "bundle exec rake install", "bundle other exec [] [rake install]"},
	{"bundle's value in the option's own word", "bundle install -j4", "bundle install install [-j4] []"},
	{"composer", "composer -d /app install --no-dev", "composer install install [-d --no-dev] []"},
	{"composer's global install", "composer global require x/y", "composer install global require [] [x/y]"},
}

func TestRecognise(t *testing.T) {
	for _, r := range readings {
		t.Run(r.claim, func(t *testing.T) {
			if got := reading(commandOf(t, r.command)); got != r.want {
				t.Errorf("%s\n got %q\nwant %q", r.command, got, r.want)
			}
		})
	}
}

func TestHasFlag(t *testing.T) {
	for _, c := range []struct {
		claim, command, flag string
		want                 bool
	}{
		{"alone", "apt-get install -y x", "-y", true},
		{"in a cluster", "apt-get install -qqy x", "-y", true},
		{"last before a value", "apt-get install -yt sid x", "-t", true},
		{"not a letter of a value", "apt-get install -tbuster-security x", "-y", false},
		{"not a letter of a long option", "apt-get install --quiet x", "-q", false},
		{"with a value", "dnf install --setopt=keepcache=1 x", "--setopt", true},
		{"not a value", "apt-get install -t -y x", "-y", false},
		{"not an operand", "apt-get install -- -y", "-y", false},
	} {
		t.Run(c.claim, func(t *testing.T) {
			inv, ok := pkgmgr.Recognise(commandOf(t, c.command))
			if !ok || inv.HasFlag(c.flag) != c.want {
				t.Errorf("%s: HasFlag(%s) is %v", c.command, c.flag, !c.want)
			}
		})
	}
}

func TestName(t *testing.T) {
	for operand, want := range map[string]string{
		"curl": "curl", "curl=7.1": "curl", "gcc@edge": "gcc", "libc6:amd64": "libc6", "flask[async]==2": "flask", "x>=1": "x",
		"php~8": "php", "@types/node@20": "@types/node", "g++": "g++", "": "",
	} {
		if got := pkgmgr.Name(operand); got != want {
			t.Errorf("Name(%q) is %q, want %q", operand, got, want)
		}
	}
}

func TestSudo(t *testing.T) {
	for command, want := range map[string]string{"sudo -E apt-get update": "sudo ", "apt-get update": "", "env A=b apt-get update": ""} {
		if inv, _ := pkgmgr.Recognise(commandOf(t, command)); inv.Sudo() != want {
			t.Errorf("%s: Sudo is %q", command, inv.Sudo())
		}
	}
}

// FuzzRecognise holds what is recognised to its promises: every word has one role,
// and neither quotes nor sudo or env before a command change the reading.
func FuzzRecognise(f *testing.F) {
	for _, r := range readings {
		f.Add(r.command)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Fields(text)
		for _, w := range words {
			if strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-=./:@_+~") != "" {
				return // words that mean themselves, quoted or not
			}
		}
		if len(words) == 0 || strings.HasPrefix(words[0], "-") || strings.Contains(words[0], "=") {
			return
		}
		c := commandOf(t, "x "+strings.Join(words, " ")).Script
		if len(c.Commands) != 1 || len(c.Commands[0].Words) != len(words)+1 {
			return
		}
		want := reading(commandOf(t, "command "+strings.Join(words, " ")))
		for _, prefix := range []string{"sudo ", "sudo -E -u root ", "env A=b ", "A=b command "} {
			if got := reading(commandOf(t, prefix+strings.Join(words, " "))); got != want {
				t.Errorf("%s%s\n got %q\nwant %q", prefix, text, got, want)
			}
		}
		if got := reading(commandOf(t, "command '"+strings.Join(words, "' '")+"'")); got != want {
			t.Errorf("%s, quoted\n got %q\nwant %q", text, got, want)
		}
		rolesAreOne(t, commandOf(t, "command "+strings.Join(words, " ")))
	})
}

func rolesAreOne(t *testing.T, c *shell.Command) {
	inv, ok := pkgmgr.Recognise(c)
	if !ok {
		return
	}
	roles := make([]int, len(c.Words))
	for _, i := range slices.Concat(inv.Flags, inv.Operands) {
		roles[i]++
	}
	if inv.Verb >= 0 && len(inv.Manager.FlagVerbs) == 0 {
		roles[inv.Verb]++
	}
	roles[inv.Program]++
	for i, n := range roles {
		if n > 1 {
			t.Errorf("%s: word %d has %d roles", reading(c), i, n)
		}
	}
	if !slices.IsSorted(inv.Flags) || !slices.IsSorted(inv.Operands) {
		t.Errorf("%s: flags %v or operands %v are out of order", reading(c), inv.Flags, inv.Operands)
	}
}

// reading writes an invocation as the table of readings does.
func reading(c *shell.Command) string {
	inv, ok := pkgmgr.Recognise(c)
	if !ok {
		return ""
	}
	var flags, operands []string
	for _, i := range inv.Flags {
		flags = append(flags, c.Words[i].Value)
	}
	for _, w := range inv.Packages() {
		operands = append(operands, w.Value)
	}
	action := []string{"other", "install", "update", "upgrade", "remove", "clean"}[inv.Action]
	return fmt.Sprintf("%s %s %s %v %v", inv.Manager.Name, action, verb(inv), flags, operands)
}

// verb is the words of the verb, which have no other role.
func verb(inv pkgmgr.Invocation) string {
	if inv.Verb < 0 {
		return ""
	}
	last := inv.Verb
	words := []string{inv.Command.Words[last].Value}
	for i := last - 1; i > inv.Program; i-- {
		text := inv.Command.Words[i].Value + " " + words[0]
		if _, ok := inv.Manager.Verbs[text]; !ok {
			break
		}
		words[0] = text
	}
	return words[0]
}

func commandOf(t *testing.T, text string) *shell.Command {
	t.Helper()
	file := syntax.Parse(source.New("Dockerfile", "FROM a\nRUN "+text+"\n"))
	script := shell.Parse(file.Instructions[1], shell.Interpreter{})
	if len(script.Commands) == 0 {
		t.Fatalf("no command in %q: %s", text, script.Opaque)
	}
	return script.Commands[0]
}
