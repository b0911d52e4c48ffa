package fleet

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/internal/serve/login/oidctest"
)

// A vault has the secrets of a test, by what they are.
type vault struct {
	mu  sync.Mutex
	all map[string]string
}

// secret makes one, of letters that no encoding of addresses changes.
func (v *vault) secret(what string) string { return v.add(what, "canary"+rand.Text()+rand.Text()) }

func (v *vault) add(what, secret string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.all == nil {
		v.all = map[string]string{}
	}
	v.all[what] = secret
	return secret
}

// leaks lists which secrets a text has, as they are or in one of the forms that they
// travel in.
func (v *vault) leaks(text []byte) (found []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for what, secret := range v.all {
		forms := []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))}
		for _, user := range []string{"x-access-token:", oidctest.Client + ":", "Bearer ", "token "} {
			forms = append(forms, base64.StdEncoding.EncodeToString([]byte(user+secret)))
		}
		for _, form := range forms {
			if bytes.Contains(text, []byte(strings.TrimRight(form, "="))) {
				found = append(found, what)
				break
			}
		}
	}
	return found
}
