package forge

import "testing"

func TestAt(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct {
		kind Kind
		host string
	}{
		"github.com":                     {GitHub, "github.com"},
		"https://api.github.com":         {GitHub, "github.com"},
		"https://GHE.example:8443":       {GitHub, "ghe.example:8443"},
		"https://ghe.example/api/v3":     {GitHub, "ghe.example"},
		"https://api.acme.ghe.com":       {GitHub, "acme.ghe.com"},
		"gitea+https://git.example":      {Gitea, "git.example"},
		"gitea+http://127.0.0.1:3000/x/": {Gitea, "127.0.0.1:3000"},
		"file:///srv/git":                {Folder, ""},
	} {
		if kind, host := At(address); kind != want.kind || host != want.host {
			t.Errorf("%s: %s %q", address, kind, host)
		}
	}
}
