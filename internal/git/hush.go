package git

import (
	"encoding/base64"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/http"
)

// A hushed is an error whose text had credentials in it.
type hushed struct {
	error
	text string
}

func (h hushed) Error() string { return h.text }
func (h hushed) Unwrap() error { return h.error }

// hush takes credentials out of an error's text: go-git quotes the page of a proxy,
// which may show the request that it did not like.
func hush(err error, auth transport.AuthMethod) error {
	basic, ok := auth.(*http.BasicAuth)
	if err == nil || !ok || basic.Password == "" {
		return err
	}
	was := err.Error()
	sent := base64.StdEncoding.EncodeToString([]byte(basic.Username + ":" + basic.Password))
	if text := strings.NewReplacer(sent, "***", basic.Password, "***").Replace(was); text != was {
		return hushed{err, text}
	}
	return err
}
