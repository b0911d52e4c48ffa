package forge

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
)

// longestFailure bounds what is kept of an answer about a failure, in bytes.
const longestFailure = 1 << 20

// Hush takes the secret that a request was authorised with out of an answer that is
// about a failure: a proxy's page may show the request that it did not like, and what
// a forge says ends up in logs, rows and pages.
func Hush(res *http.Response, secret string) error {
	if secret == "" || res.StatusCode < http.StatusBadRequest {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, longestFailure))
	res.Body.Close()
	if err != nil {
		return err
	}
	for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
		body = bytes.ReplaceAll(body, []byte(form), []byte("***"))
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Del("Content-Length")
	return nil
}
