//go:build !unix

package cli

import (
	"io/fs"
	"os"
)

// keepOwner does nothing: a file's owner is that of the process.
func keepOwner(*os.File, fs.FileInfo) error { return nil }
