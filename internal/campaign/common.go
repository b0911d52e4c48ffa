package campaign

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/internal/config"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/git"
	"github.com/drydock-dev/drydock/internal/project"
)

// ReadCommon reads what the owner of a repository says for all of theirs: the
// configuration at the root of the repository that the forge has for that. It is nil if
// nothing is said. What is wrong with the file is a *config.Error.
func (o Options) ReadCommon(ctx context.Context, repository string) (*config.Config, error) {
	owner := path.Dir(repository)
	if owner == "." {
		owner = ""
	}
	name := o.Forge.Common(owner)
	found, err := o.Forge.Repository(ctx, name)
	if errors.Is(err, forge.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// Who has moved it elsewhere says nothing here any more.
	if found.DefaultBranch == "" || !strings.EqualFold(found.Name, name) {
		return nil, nil
	}
	o.Clone = false
	copy, at, err := o.copy(ctx, found, found.DefaultBranch)
	if errors.Is(err, git.ErrNoBranch) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	tree, err := copy.Files(ctx, at)
	if err != nil {
		return nil, err
	}
	file := path.Join(found.Name, config.FileName)
	if _, err := fs.Stat(tree, config.FileName); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	text, err := project.ReadFile(tree, config.FileName)
	if copy.Err() != nil {
		return nil, fmt.Errorf("%s: %w", file, copy.Err())
	}
	if err != nil {
		return nil, &config.Error{Path: file, Line: 1, Column: 1, Message: err.Error()}
	}
	return config.ParseCommon(file, []byte(text), o.names())
}
