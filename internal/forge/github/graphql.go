package github

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// A graphQLError is what GraphQL says went wrong, with a 200.
type graphQLError []struct{ Message string }

func (e graphQLError) Error() string { return e[0].Message }

// query calls GraphQL; into may be nil. The error is a graphQLError if GraphQL tells it,
// and into has what could be answered all the same.
func (f *Forge) query(ctx context.Context, text string, variables map[string]any, into any) error {
	req, err := f.client.NewRequest(http.MethodPost, f.graphQL, map[string]any{"query": text, "variables": variables})
	if err != nil {
		return err
	}
	var answer struct {
		Data   json.RawMessage
		Errors graphQLError
	}
	if _, err := f.client.Do(ctx, req, &answer); err != nil {
		return err
	}
	if into != nil && len(answer.Data) > 0 {
		if err := json.Unmarshal(answer.Data, into); err != nil {
			return err
		}
	}
	if len(answer.Errors) > 0 {
		return answer.Errors
	}
	return nil
}

// isAnswer reports whether an error is one that the server answered with.
func isAnswer(err error) bool { return status(err) != 0 || errors.As(err, new(graphQLError)) }
