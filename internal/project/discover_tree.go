package project

import (
	"errors"
	"io/fs"
	"path"
)

// Find lists the Dockerfiles in a tree, such as that of a commit, by path in
// order. What git ignores is not in a commit, so no .gitignore is read; .git,
// node_modules and vendor are not entered, and a symlink is never followed. The
// error is about a folder that cannot be read.
func Find(tree fs.FS) (files []string, skipped []Skipped, err error) {
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if skippedFolders[path.Base(name)] {
				return fs.SkipDir
			}
			return nil
		case !IsDockerfileName(entry.Name()):
			return nil
		}
		reason := notADockerfile(entry.Name())
		if entry.Type()&fs.ModeSymlink != 0 {
			reason = "a symlink"
		} else if !entry.Type().IsRegular() {
			reason = errNotRegular.Error()
		}
		if reason != "" {
			skipped = append(skipped, Skipped{Path: name, Reason: reason})
			return nil
		}
		files = append(files, name)
		return nil
	})
	return files, skipped, err
}

// ReadFile reads a regular file of a tree that holds at most maxFileSize bytes.
// The error does not repeat the path.
func ReadFile(tree fs.FS, name string) (string, error) {
	text, err := readRegular(tree, name)
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return text, err
}
