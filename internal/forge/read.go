package forge

import (
	"context"
	"net/http"
)

type readingKey struct{}

// Reading gives a context under which requests write nothing, whatever their method
// says: a query of GraphQL is a POST.
func Reading(ctx context.Context) context.Context {
	return context.WithValue(ctx, readingKey{}, true)
}

// IsRead reports whether a request writes nothing.
func IsRead(req *http.Request) bool {
	return req.Method == http.MethodGet || req.Method == http.MethodHead || req.Context().Value(readingKey{}) != nil
}
