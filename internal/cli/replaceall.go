package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/drydock-dev/drydock/internal/project"
)

// A change is the new text of a file.
type change struct {
	path string
	file *dockerfile // as it was read
	text string
}

// replaceAll gives files new texts, all or none: where one cannot be written, those
// before it get their old texts back. Each is whole at every moment.
func replaceAll(changes []change) error {
	for i, c := range changes {
		err := c.file.replace(c.text)
		if err == nil {
			continue
		}
		if i > 0 {
			err = fmt.Errorf("%s: %w", c.path, err)
		}
		return errors.Join(err, takeBack(changes[:i]))
	}
	return nil
}

// takeBack undoes changes that have been made.
func takeBack(changes []change) error {
	var errs []error
	for _, c := range slices.Backward(changes) {
		written, err := readDockerfile(project.Found{Path: c.path, Root: c.file.root, Named: c.file.outside != nil}, filepath.EvalSymlinks)
		if err == nil && written.text != c.text {
			err = errChanged
		}
		if err == nil {
			err = written.replace(c.file.text)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s was written and cannot be put back: %w", c.path, err))
		}
	}
	return errors.Join(errs...)
}
