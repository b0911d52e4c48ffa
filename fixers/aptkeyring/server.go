package aptkeyring

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
)

// A request is how apt-key adv has gpg ask a key server for keys, or an address.
type request struct {
	adv   int // index of the word adv
	ids   []string
	fetch bool // by address
}

// requestOptions are the options of gpg that may stand behind adv, and whether a
// value follows.
var requestOptions = map[string]bool{
	"--keyserver": true, "--keyserver-options": true,
	"--batch": false, "--no-tty": false, "--quiet": false, "-q": false, "--yes": false,
	"--recv-keys": false, "--recv-key": false, "--recv": false, "--receive-keys": false, "--fetch-keys": false, "--fetch-key": false,
}

// readRequest reads what stands behind adv.
func (k *key) readRequest(adv int, args []shell.Word) {
	k.request = &request{adv: adv}
	server, receives := "", false
	for i := 0; i < len(args); i++ {
		w := args[i]
		name, value, joined := strings.Cut(w.Value, "=")
		takes, known := requestOptions[name]
		switch {
		case !w.IsFlag():
			k.request.ids = append(k.request.ids, w.Value)
			continue
		case !known:
			k.declined = "apt-key adv is given " + w.Raw
			return
		case takes && !joined && i+1 < len(args):
			i++
			value = args[i].Value
		}
		switch {
		case name == "--keyserver":
			server = value
		case strings.HasPrefix(name, "--fetch"):
			k.request.fetch = true
		case strings.HasPrefix(name, "--rec"):
			receives = true
		}
	}
	switch {
	case k.request.fetch == receives:
		k.declined = "apt-key adv asks for no key"
	case len(k.request.ids) == 0 || k.request.fetch && len(k.request.ids) > 1:
		k.declined = "which key apt-key adv asks for is not certain"
	case k.keyring != "":
		k.declined = "apt-key adv is given a keyring"
	case k.request.fetch:
		k.url = k.request.ids[0]
		k.request.ids = nil
	case server == "":
		k.declined = "apt-key adv names no key server"
	case strings.HasSuffix(serverHost(server), "sks-keyservers.net"): // since 2021-06
		k.declined = "the key servers of sks-keyservers.net are gone"
	}
}

// serverHost is the host of a key server, which may be named without scheme.
func serverHost(server string) string {
	if !strings.Contains(server, "://") {
		server = "hkp://" + server
	}
	return hostOf(server)
}

// whyNotRequest is why a request cannot be put to gpg where it stands.
func whyNotRequest(k *key) string {
	script := k.cmd.Script
	switch next := k.step + 1; {
	case k.cmd.Step.Command() != k.cmd:
		return "apt-key adv runs within another command"
	case next < len(script.Steps) && script.Steps[next].Op == shell.Or:
		return "what runs when apt-key adv fails would have to change too"
	}
	return ""
}

// signs reports whether a key from a server is known to be for a repository.
func (k *key) signs(l *line) bool {
	if k.request == nil || len(k.request.ids) == 0 {
		return false
	}
	return !slices.ContainsFunc(k.request.ids, func(id string) bool {
		known, ok := facts.LookupAptKey(id)
		return !ok || !known.Signs(l.url)
	})
}

// isForOther reports whether a key from a server is known, and so for none but
// the repositories that signs has found.
func (k *key) isForOther() bool {
	return k.request != nil && slices.ContainsFunc(k.request.ids, func(id string) bool {
		_, ok := facts.LookupAptKey(id)
		return ok
	})
}

// askKeyServer has gpg itself ask, into the keyring. gpg wants a home for the
// time being, and makes keyrings that only their owner can read, which apt's
// user _apt is not.
//
//	apt-key adv --keyserver S --recv-keys K
//	=>  gpg --homedir /tmp --no-default-keyring --keyring gnupg-ring:FILE --keyserver S --recv-keys K
//	    chmod +r FILE
func (c *change) askKeyServer(k *key) {
	cmd := k.cmd
	chmod := k.prefix() + "chmod +r " + k.path
	edits, _ := cmd.Script.InsertAfter(k.step, chmod) // run has asked for the place
	gpg := "gpg --homedir /tmp --no-default-keyring --keyring gnupg-ring:" + k.path
	first, last := cmd.Words[cmd.Program()], cmd.Words[k.request.adv]
	c.edits = append(c.edits, edit.Replace(source.Span{Start: first.Span.Start, End: last.Span.End}, gpg))
	c.edits = append(c.edits, edits...)
	before := cmd.Text()
	var head []string
	for _, w := range cmd.Words[cmd.Program() : k.request.adv+1] {
		head = append(head, w.Raw)
	}
	c.edited(k.inst, before, strings.Replace(before, strings.Join(head, " "), gpg, 1))
	c.changes = append(c.changes, fix.Change{Kind: fix.AddCommand, Subject: chmod})
}
