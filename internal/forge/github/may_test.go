package github

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/drydock-dev/drydock/internal/forge"
)

// The stand-in's description of GitHub lacks this path, so these are its answers.
func TestMayWrite(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		permission := map[string]string{"ann": "admin", "bob": "write", "eve": "read", "nil": "none"}[r.URL.Path[len("/api/v3/repos/acme/shop/collaborators/"):][:3]]
		if permission == "" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprintf(w, `{"permission":%q,"role_name":"x","user":null}`, permission)
	}))
	defer server.Close()
	f, err := New(Options{API: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]bool{"ann": true, "bob": true, "eve": false, "nil": false} {
		if got, err := f.MayWrite(t.Context(), forge.Repository{Name: "acme/shop"}, user); got != want || err != nil {
			t.Errorf("%s: %v, %v", user, got, err)
		}
	}
	if _, err := f.MayWrite(t.Context(), forge.Repository{Name: "acme/shop"}, "who"); !errors.Is(err, forge.ErrNotFound) {
		t.Error(err)
	}
}
