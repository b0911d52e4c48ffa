package git

import "fmt"

// Series gives the commits from head back to base, head first and without base,
// along first parents. The error tells of a head that does not lead there within
// limit commits.
func (r *Repository) Series(head, base Hash, limit int) ([]Commit, error) {
	var all []Commit
	for at := head; at != base; {
		c, err := r.Commit(at)
		if err != nil {
			return nil, err
		}
		if len(c.Parents) != 1 || len(all) == limit {
			return nil, fmt.Errorf("%s does not lead to %s by plain commits", head, base)
		}
		all = append(all, c)
		at = c.Parents[0]
	}
	return all, nil
}
