package webhook

import (
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/drydock-dev/drydock/internal/forge"
)

// A Sender is what differs between those that send deliveries.
type Sender struct {
	kind forge.Kind
	// event and guid are headers.
	event, guid []string
	// signature gives the headers of HMACs with SHA-256, in hexadecimal, by what stands
	// before it.
	signature map[string]string
	user      string // what its users' names have beside letters and digits
}

// GitHub sends these ("Validating webhook deliveries"). Its users have letters,
// digits and hyphens, and underscores at the end of those that an enterprise manages.
var GitHub = Sender{
	kind: forge.GitHub, event: []string{"X-GitHub-Event"}, guid: []string{"X-GitHub-Delivery"},
	signature: map[string]string{"X-Hub-Signature-256": "sha256="},
	user:      "-_",
}

// Gitea and Forgejo send these (services/webhook/deliver.go in both), the older ones
// without X-Hub-Signature-256. Their users may have dots, but none at the start
// (modules/validation/helpers.go, IsValidUsername).
var Gitea = Sender{
	kind: forge.Gitea, event: []string{"X-Gitea-Event", "X-Forgejo-Event"}, guid: []string{"X-Gitea-Delivery", "X-Forgejo-Delivery"},
	signature: map[string]string{"X-Hub-Signature-256": "sha256=", "X-Gitea-Signature": "", "X-Forgejo-Signature": ""},
	user:      "-_.",
}

// header gives the first that a request has.
func header(of *http.Request, names []string) string {
	for _, name := range names {
		if value := of.Header.Get(name); value != "" {
			return value
		}
	}
	return ""
}

// macs lists what a request is signed with, at most one for each header.
func (s Sender) macs(of *http.Request) (all [][]byte) {
	for name, prefix := range s.signature {
		text, ok := strings.CutPrefix(of.Header.Get(name), prefix)
		if !ok {
			continue
		}
		if mac, err := hex.DecodeString(text); err == nil && len(mac) == macSize {
			all = append(all, mac)
		}
	}
	return all
}

// longestUser bounds the name of a user.
const longestUser = 60

// isUser reports whether a sender allows a name: nothing else is looked up.
func (s Sender) isUser(name string) bool {
	for i, c := range []byte(name) {
		alphanumeric := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !alphanumeric && (!strings.Contains(s.user, string(rune(c))) || i == 0 && c != '_') {
			return false
		}
	}
	return name != "" && len(name) <= longestUser
}
