package forge

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestHush(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-s3cret"
	text := "you sent " + secret + ", or " + base64.StdEncoding.EncodeToString([]byte(secret))
	for status, want := range map[int]string{http.StatusBadGateway: "you sent ***, or ***", http.StatusForbidden: "you sent ***, or ***", http.StatusOK: text} {
		res := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}
		if err := Hush(res, secret); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(res.Body); err != nil || string(got) != want {
			t.Errorf("%d: %q, %v", status, got, err)
		}
	}
}
