package fake

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

//go:embed testdata/github-openapi.json
var description []byte

// api routes requests to the operations of GitHub's description.
var api = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromData(description)
	if err != nil {
		return nil, fmt.Errorf("the description of the API: %w", err)
	}
	doc.Servers = nil // the stand-in is at an address of its own
	paths := openapi3.NewPaths()
	for path, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			for _, p := range operation.Parameters {
				if p.Value.Extensions["x-multi-segment"] == true { // as a ref has slashes
					path = strings.Replace(path, "{"+p.Value.Name+"}", "{"+p.Value.Name+anySegments+"}", 1)
				}
			}
		}
		paths.Set(path, item)
	}
	doc.Paths = paths
	return gorillamux.NewRouter(doc)
})

// anySegments marks, for the router, a parameter that may have slashes.
const anySegments = ":.+"

var lax = &openapi3filter.Options{
	AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	MultiError:         true,
}

// A call is a request that fits the description.
type call struct {
	input *openapi3filter.RequestValidationInput
	body  []byte
	who   caller
	w     http.ResponseWriter // for the headers of a page
}

// read holds a request to the description.
func read(r *http.Request) (*call, error) {
	router, err := api()
	if err != nil {
		return nil, err
	}
	route, params, err := router.FindRoute(r)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.Method, r.URL, err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c := &call{body: body, input: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: lax}}
	if err := openapi3filter.ValidateRequest(r.Context(), c.input); err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.Method, r.URL, err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return c, nil
}

// answer completes what a handler says by what the description requires, and
// holds it to that.
func (c *call) answer(status int, said any) ([]byte, error) {
	text, err := json.Marshal(said)
	if err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, err
	}
	response := c.input.Route.Operation.Responses.Status(status)
	if response == nil && status >= 401 && status < 500 {
		return text, nil // what every call may answer stands at few of them
	}
	if response == nil {
		return nil, fmt.Errorf("%s %s has no answer %d", c.input.Route.Method, c.input.Route.Path, status)
	}
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	if media := response.Value.Content.Get("application/json"); media != nil {
		value = complete(media.Schema.Value, value)
	}
	if text, err = json.Marshal(value); err != nil {
		return nil, err
	}
	err = openapi3filter.ValidateResponse(c.input.Request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: c.input, Status: status, Header: header,
		Body: io.NopCloser(bytes.NewReader(text)), Options: lax,
	})
	if err != nil {
		return nil, fmt.Errorf("answer %d to %s %s: %w", status, c.input.Route.Method, c.input.Route.Path, err)
	}
	return text, nil
}

// complete adds to a value what its schema requires and it lacks.
func complete(schema *openapi3.Schema, value any) any {
	switch value := value.(type) {
	case map[string]any:
		for _, part := range parts(schema) {
			for name, property := range part.Properties {
				if known, ok := value[name]; ok {
					value[name] = complete(property.Value, known)
				}
			}
			for _, name := range part.Required {
				if _, ok := value[name]; !ok {
					value[name] = placeholder(part.Properties[name])
				}
			}
		}
	case []any:
		if schema.Items != nil {
			for i := range value {
				value[i] = complete(schema.Items.Value, value[i])
			}
		}
	}
	return value
}

// parts are the schemas that a value has to fit together.
func parts(schema *openapi3.Schema) []*openapi3.Schema {
	all := []*openapi3.Schema{schema}
	for _, ref := range schema.AllOf {
		all = append(all, parts(ref.Value)...)
	}
	for _, choice := range []openapi3.SchemaRefs{schema.AnyOf, schema.OneOf} {
		if len(choice) > 0 {
			all = append(all, parts(choice[0].Value)...)
		}
	}
	return all
}

// placeholder is some value that fits a schema.
func placeholder(ref *openapi3.SchemaRef) any {
	if ref == nil || ref.Value == nil || ref.Value.Nullable {
		return nil
	}
	for _, s := range parts(ref.Value) {
		switch {
		case len(s.Enum) > 0:
			return s.Enum[0]
		case s.Type.Is("string"):
			switch s.Format {
			case "date-time":
				return "2026-01-02T03:04:05Z"
			case "uri":
				return "https://example.com/"
			}
			return "x"
		case s.Type.Is("integer"), s.Type.Is("number"):
			return 1
		case s.Type.Is("boolean"):
			return false
		case s.Type.Is("array"):
			return []any{}
		case s.Type.Is("object"):
			return complete(ref.Value, map[string]any{})
		}
	}
	return complete(ref.Value, map[string]any{})
}
