package github

import (
	"context"
	"encoding/json"
	"net/http"
)

// A graphQLError is what GraphQL says went wrong, with a 200.
type graphQLError []struct{ Message string }

func (e graphQLError) Error() string { return e[0].Message }

// query calls GraphQL; into may be nil. The error is a graphQLError if GraphQL tells it.
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
	if len(answer.Errors) > 0 {
		return answer.Errors
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer.Data, into)
}
