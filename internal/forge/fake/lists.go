package fake

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// lists are the calls that list repositories, and who must own them.
var lists = map[string]func(s *Server, c *call) (owner string){
	"GET /orgs/{org}/repos":       func(_ *Server, c *call) string { return c.input.PathParams["org"] },
	"GET /users/{username}/repos": func(_ *Server, c *call) string { return c.input.PathParams["username"] },
	"GET /user/repos":             func(*Server, *call) string { return "" },
}

// listRepositories answers with one page of what an owner has, "" being all.
func (s *Server) listRepositories(w http.ResponseWriter, c *call, owner string) (int, any) {
	var all []any
	for _, name := range slices.Sorted(maps.Keys(s.repositories)) {
		r := s.repositories[name]
		if (owner == "" || strings.HasPrefix(name, owner+"/")) && r.MovedTo == "" && !r.Gone {
			all = append(all, s.repository(r))
		}
	}
	if len(all) == 0 && owner != "" {
		return http.StatusNotFound, problem("Not Found")
	}
	return http.StatusOK, s.page(w, c, all)
}

// page gives the part of a list that is asked for, and tells of the next and the last.
func (s *Server) page(w http.ResponseWriter, c *call, all []any) []any {
	query := c.input.Request.URL.Query()
	size, at := number(query.Get("per_page"), 30), number(query.Get("page"), 1)
	from := min((at-1)*size, len(all))
	to := min(from+size, len(all))
	if to < len(all) {
		link := func(page int, rel string) string {
			query.Set("page", strconv.Itoa(page))
			return fmt.Sprintf(`<%s%s%s?%s>; rel=%q`, s.URL, prefix, c.input.Request.URL.Path, query.Encode(), rel)
		}
		w.Header().Set("Link", link(at+1, "next")+", "+link((len(all)+size-1)/size, "last"))
	}
	return append([]any{}, all[from:to]...)
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	return otherwise
}
