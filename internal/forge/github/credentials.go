package github

import (
	"context"
	"net/http"
	"strings"
)

// credentials give the token for what belongs to an owner.
type credentials interface {
	token(ctx context.Context, owner string) (string, error)
	// refused says that a token is not taken any more.
	refused(owner, token string)
}

// oneToken is the same for every owner.
type oneToken func(context.Context) (string, error)

func (o oneToken) token(ctx context.Context, _ string) (string, error) { return o(ctx) }
func (o oneToken) refused(string, string)                              {}

// itself is an App that speaks for itself.
type itself struct{ *installations }

func (i itself) token(context.Context, string) (string, error) { return i.jwt() }
func (i itself) refused(string, string)                        {}

type ownerKey struct{}

// withOwner names the owner that calls are about whose address does not.
func withOwner(ctx context.Context, owner string) context.Context {
	return context.WithValue(ctx, ownerKey{}, owner)
}

// OwnerOf names the owner of what a request of this package is about, "" if that is
// nobody: an App has a budget at each.
func OwnerOf(req *http.Request) string {
	if owner, ok := req.Context().Value(ownerKey{}).(string); ok {
		return owner
	}
	segments := strings.Split(req.URL.Path, "/")
	for i, s := range segments[:len(segments)-1] {
		if s == "repos" || s == "orgs" || s == "users" {
			return segments[i+1]
		}
	}
	return ""
}
