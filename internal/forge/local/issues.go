package local

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/forge"
)

// An asked is what the file beside a repository says of one issue. People answer
// there.
type asked struct {
	forge.Issue
	Comments []forge.Remark
}

func (f Forge) issues(of forge.Repository) string {
	return strings.TrimSuffix(of.Remote.Dir, ".git") + ".issues.json"
}

func (f Forge) OpenIssue(ctx context.Context, to forge.Repository, title, text string) (forge.Issue, error) {
	unlock, err := f.lock(ctx, to)
	if err != nil {
		return forge.Issue{}, err
	}
	defer unlock()
	all, err := read[asked](f.issues(to))
	if err != nil {
		return forge.Issue{}, err
	}
	made := forge.Issue{Number: len(all) + 1, Open: true, Title: title, Text: text}
	made.URL = fmt.Sprintf("%s#%d", f.issues(to), made.Number)
	return made, write(f.issues(to), append(all, asked{made, []forge.Remark{}}))
}

func (f Forge) Issues(_ context.Context, in forge.Repository) ([]forge.Issue, error) {
	all, err := read[asked](f.issues(in))
	var found []forge.Issue
	for _, one := range slices.Backward(all) {
		found = append(found, one.Issue)
	}
	return found, err
}

func (f Forge) Remarks(_ context.Context, in forge.Repository, number int) ([]forge.Remark, error) {
	all, err := read[asked](f.issues(in))
	if err != nil {
		return nil, err
	}
	if number < 1 || number > len(all) {
		return nil, fmt.Errorf("%s has no issue %d", in.Name, number)
	}
	said := all[number-1].Comments
	return said[max(0, len(said)-forge.MaxRemarks):], nil
}

func (f Forge) CloseIssue(ctx context.Context, in forge.Repository, number int, text string) error {
	unlock, err := f.lock(ctx, in)
	if err != nil {
		return err
	}
	defer unlock()
	all, err := read[asked](f.issues(in))
	if err != nil {
		return err
	}
	if number < 1 || number > len(all) {
		return fmt.Errorf("%s has no issue %d", in.Name, number)
	}
	all[number-1].Open, all[number-1].Text = false, text
	return write(f.issues(in), all)
}
