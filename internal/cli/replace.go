package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

var errChanged = errors.New("changed by someone else since it was read; nothing was written")

// replace gives the file a new text. At every moment the file is whole, the old
// or the new one: the text goes into a new file in the same folder, which then
// takes the place of the old one, with its mode and owner. It fails, and leaves
// the file, if its content is not what was read, if it may not be written, or if
// mode or owner cannot be kept.
func (d *dockerfile) replace(text string) error {
	if d.outside != nil {
		return d.outside
	}
	root, err := os.OpenRoot(d.root)
	if err != nil {
		return err
	}
	defer root.Close()
	dir, err := root.OpenRoot(filepath.Dir(d.rel))
	if err != nil {
		return err
	}
	defer dir.Close()
	base := filepath.Base(d.rel)
	if err := mayWrite(dir, base); err != nil {
		return err
	}
	// The name is none that a search for Dockerfiles takes.
	temporary := "." + base + ".drydock-" + rand.Text()
	if err := d.writeNew(dir, temporary, text); err != nil {
		return errors.Join(err, removeIfThere(dir, temporary))
	}
	err = d.unchanged(dir, base)
	if err == nil {
		err = dir.Rename(temporary, base)
	}
	if err != nil {
		return errors.Join(err, removeIfThere(dir, temporary))
	}
	return nil
}

// mayWrite keeps replace from doing by rename what the file's mode forbids.
func mayWrite(dir *os.Root, name string) error {
	f, err := dir.OpenFile(name, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// writeNew makes a file that has the text, and mode and owner of d, on the disk.
func (d *dockerfile) writeNew(dir *os.Root, name, text string) error {
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	write := func() error {
		if _, err := f.WriteString(text); err != nil {
			return err
		}
		if err := keepOwner(f, d.info); err != nil {
			return err
		}
		// After the owner: a change of owner clears bits of the mode.
		if err := f.Chmod(d.info.Mode()); err != nil {
			return fmt.Errorf("keep the mode: %w", err)
		}
		return f.Sync()
	}
	return errors.Join(write(), f.Close())
}

// unchanged fails if the file is no longer what was read.
func (d *dockerfile) unchanged(dir *os.Root, name string) error {
	f, err := dir.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return errChanged
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, text, err := readOpen(f)
	if err != nil {
		return err
	}
	if !os.SameFile(info, d.info) || info.Mode() != d.info.Mode() || text != d.text {
		return errChanged
	}
	return nil
}

func removeIfThere(dir *os.Root, name string) error {
	if err := dir.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
