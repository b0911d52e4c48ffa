//go:build !unix

package cli

import (
	"io/fs"
	"os"
)

// keepOwner does nothing: a file's owner is that of the process.
func keepOwner(*os.File, fs.FileInfo) error { return nil }

// namesOf is 1: hard links are not counted here.
func namesOf(fs.FileInfo) int { return 1 }
