package fake

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/drydock-dev/drydock/internal/git"
)

//go:embed testdata/github.graphql
var schemaText string

var graphQLSchema = sync.OnceValues(func() (*ast.Schema, error) {
	return gqlparser.LoadSchema(&ast.Source{Name: "github.graphql", Input: schemaText})
})

// query is the method of a request that reads by GraphQL, in the log.
const query = "QUERY"

// A document is what GraphQL was asked for, held to the schema.
type document struct {
	operation *ast.OperationDefinition
	variables map[string]any
}

// parse holds what a client sends to the schema. The errors are for the client.
func (s *Server) parse(body []byte) (document, gqlerror.List) {
	schema, err := graphQLSchema()
	if err != nil {
		return document{}, gqlerror.List{gqlerror.Wrap(err)}
	}
	if s.NoUpdateRefs {
		older := *schema
		mutation := *schema.Mutation
		mutation.Fields = nil
		for _, f := range schema.Mutation.Fields {
			if f.Name != "updateRefs" {
				mutation.Fields = append(mutation.Fields, f)
			}
		}
		older.Mutation = &mutation
		schema = &older
	}
	var asked struct {
		Query     string
		Variables map[string]any
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return document{}, gqlerror.List{gqlerror.Wrap(err)}
	}
	read, problems := gqlparser.LoadQueryWithRules(schema, asked.Query, rules.NewDefaultRules())
	if len(problems) > 0 {
		return document{}, problems
	}
	if len(read.Operations) != 1 {
		return document{}, gqlerror.List{gqlerror.Errorf("%d operations", len(read.Operations))}
	}
	d := document{operation: read.Operations[0]}
	if d.variables, err = validator.VariableValues(schema, d.operation, asked.Variables); err != nil {
		return document{}, gqlerror.List{gqlerror.Wrap(err)}
	}
	return d, nil
}

// graphQL answers a call of the GraphQL API.
func (s *Server) graphQL(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	asked, problems := s.parse(body)
	began := time.Now()

	s.mu.Lock()
	who, known := s.callerOf(r)
	logged := &Request{Method: r.Method, Path: r.URL.Path, At: s.Now(), Identity: who.login + who.owner, Status: http.StatusOK}
	if asked.operation != nil && asked.operation.Operation == ast.Query {
		logged.Method = query
	}
	refusal, retry := s.begin(logged)
	s.log = append(s.log, logged)
	s.tellLimits(w, logged)
	f := s.fault(logged)
	s.mu.Unlock()

	operate := func(w http.ResponseWriter, _ *http.Request) { s.resolve(w, asked, problems) }
	switch {
	case refusal != "":
		logged.Exceeds = true
		s.limited(w, refusal, retry)
	case !known || who.login == "":
		Answer(http.StatusUnauthorized, "Bad credentials")(w, r, nil)
	case f != nil:
		f.Do(w, r, operate)
	default:
		if logged.Method == query {
			time.Sleep(s.QueryTime + time.Duration(strings.Count(string(body), "object(")+strings.Count(string(body), "ref("))*s.ObjectTime)
		}
		operate(w, r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	logged.Took = time.Since(began)
}

// resolve says what was asked for.
func (s *Server) resolve(w http.ResponseWriter, asked document, problems gqlerror.List) {
	w.Header().Set("Content-Type", "application/json")
	if len(problems) > 0 {
		if !s.NoUpdateRefs {
			s.t.Errorf("stand-in: GraphQL: %v", problems)
		}
		said(w, s.t.Errorf, map[string]any{"errors": problems})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := map[string]any{}
	data := fields(asked.operation.SelectionSet, "", func(f *ast.Field) any {
		found, problem := s.root(f, f.ArgumentMap(asked.variables), asked.variables)
		if problem != "" {
			answer["errors"] = append(asList(answer["errors"]), map[string]any{"message": problem, "path": []string{f.Alias}})
		}
		return found
	})
	answer["data"] = data
	said(w, s.t.Errorf, answer)
}

func asList(value any) []any {
	all, _ := value.([]any)
	return all
}

func said(w io.Writer, fails func(string, ...any), answer any) {
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		fails("stand-in: GraphQL: %v", err)
	}
}

// fields gives what a selection asks of a value of a type.
func fields(selection ast.SelectionSet, typeName string, resolve func(*ast.Field) any) map[string]any {
	all := map[string]any{}
	merge := func(condition string, inner ast.SelectionSet) {
		if condition != typeName && condition != "Node" && condition != "GitObject" {
			return
		}
		for name, value := range fields(inner, typeName, resolve) {
			all[name] = value
		}
	}
	for _, one := range selection {
		switch one := one.(type) {
		case *ast.Field:
			all[one.Alias] = resolve(one)
		case *ast.InlineFragment:
			merge(one.TypeCondition, one.SelectionSet)
		case *ast.FragmentSpread:
			merge(one.Definition.TypeCondition, one.Definition.SelectionSet)
		}
	}
	return all
}

// root resolves a field of Query or Mutation.
func (s *Server) root(f *ast.Field, arguments, variables map[string]any) (value any, problem string) {
	input, _ := arguments["input"].(map[string]any)
	switch f.Name {
	case "repository":
		name := fmt.Sprint(arguments["owner"], "/", arguments["name"])
		r := s.named(name)
		if r != nil && r.MovedTo != "" && arguments["followRenames"] == true {
			r = s.named(r.MovedTo)
		}
		if r == nil || r.Gone {
			return nil, "Could not resolve to a Repository with the name '" + name + "'."
		}
		return fields(f.SelectionSet, "Repository", func(f *ast.Field) any { return s.field(r, f, f.ArgumentMap(variables)) }), ""
	case "enablePullRequestAutoMerge":
		s.auto = append(s.auto, fmt.Sprint(input["pullRequestId"], " ", input["mergeMethod"]))
	case "disablePullRequestAutoMerge":
		s.auto = append(s.auto, fmt.Sprint(input["pullRequestId"], " off"))
	case "updateRefs":
		for _, one := range asList(input["refUpdates"]) {
			update := one.(map[string]any)
			if problem := s.updateRefs(fmt.Sprint(input["repositoryId"]), fmt.Sprint(update["name"]), fmt.Sprint(update["beforeOid"]), fmt.Sprint(update["afterOid"])); problem != "" {
				return nil, problem
			}
		}
	}
	return fields(f.SelectionSet, "", func(*ast.Field) any { return nil }), ""
}

// field resolves a field of a repository.
func (s *Server) field(r *Repository, f *ast.Field, arguments map[string]any) any {
	switch f.Name {
	case "id":
		return nodeID(r)
	case "nameWithOwner":
		return r.Name
	case "pullRequests":
		return s.pullsFrom(r, f, arguments)
	case "pullRequest":
		return s.lastWords(r, f, arguments)
	case "ref":
		return tip(r, f, fmt.Sprint(arguments["qualifiedName"]))
	}
	oid := fmt.Sprint(arguments["oid"])
	opened, err := git.Open(r.Dir)
	if err != nil {
		return nil
	}
	text, err := opened.Blob(git.Hash(oid))
	if err != nil {
		return nil
	}
	isBinary := bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text)
	return fields(f.SelectionSet, "Blob", func(f *ast.Field) any {
		switch f.Name {
		case "byteSize":
			return len(text)
		case "isBinary":
			return isBinary
		case "isTruncated":
			return len(text) > longestText
		case "text":
			if isBinary {
				return nil
			}
			return string(text[:min(len(text), longestText)])
		}
		return oid // and the id, which is opaque
	})
}

// pullsFrom lists the pull requests of a branch, newest first, as the query has to ask.
func (s *Server) pullsFrom(r *Repository, f *ast.Field, arguments map[string]any) any {
	if order, _ := arguments["orderBy"].(map[string]any); order["field"] != "CREATED_AT" || order["direction"] != "DESC" {
		s.t.Errorf("stand-in: pull requests ordered by %v", order)
	}
	nodes := []any{}
	for _, p := range slices.Backward(r.Pulls) {
		owner, branch, _ := strings.Cut(p.Head, ":")
		if branch != arguments["headRefName"] || int64(len(nodes)) == arguments["first"] {
			continue
		}
		state := strings.ToUpper(p.State)
		if p.Merged {
			state = "MERGED"
		}
		values := map[string]any{
			"number": p.Number, "url": fmt.Sprintf("%s/%s/pull/%d", s.URL, r.Name, p.Number), "state": state, "baseRefName": p.Base, "headRefName": branch,
			"title": p.Title, "body": p.Body, "headRepositoryOwner": map[string]any{"login": owner},
		}
		for _, list := range f.SelectionSet {
			if nodesField, ok := list.(*ast.Field); ok && nodesField.Name == "nodes" {
				nodes = append(nodes, fields(nodesField.SelectionSet, "PullRequest", func(f *ast.Field) any { return values[f.Name] }))
			}
		}
	}
	return map[string]any{"nodes": nodes}
}

// tip is the newest commit of a branch.
func tip(r *Repository, f *ast.Field, name string) any {
	opened, err := git.Open(r.Dir)
	if err != nil {
		return nil
	}
	at, err := opened.Branch(strings.TrimPrefix(name, "refs/heads/"))
	if err != nil {
		return nil
	}
	commit, err := opened.Commit(at)
	if err != nil {
		return nil
	}
	return fields(f.SelectionSet, "Ref", func(f *ast.Field) any {
		return fields(f.SelectionSet, "Commit", func(f *ast.Field) any {
			if f.Name == "oid" {
				return commit.Hash
			}
			return fields(f.SelectionSet, "Tree", func(*ast.Field) any { return commit.Tree })
		})
	})
}

// lastWords are the last comments below a pull request.
func (s *Server) lastWords(r *Repository, f *ast.Field, arguments map[string]any) any {
	for _, p := range r.Pulls {
		if fmt.Sprint(p.Number) != fmt.Sprint(arguments["number"]) {
			continue
		}
		return fields(f.SelectionSet, "PullRequest", func(f *ast.Field) any {
			last, _ := f.ArgumentMap(nil)["last"].(int64)
			nodes := []any{}
			for _, said := range p.Comments[max(len(p.Comments)-int(last), 0):] {
				nodes = append(nodes, map[string]any{"url": fmt.Sprintf("%s/%s/pull/%d#issuecomment-%d", s.URL, r.Name, p.Number, said.ID)})
			}
			return map[string]any{"nodes": nodes}
		})
	}
	return nil
}

// longestText is about where GitHub cuts off the text of a blob.
const longestText = 512 << 10
