// Command lab runs a command next to a BuildKit of its own, where official images
// and package indices have stand-ins made from Debian packages:
//
//	go run ./internal/lab go test -run Lab ./internal/verify/...
//
// It needs Linux, root and Debian's package manager with its archive; Docker and
// registries it does not need. Nothing that it starts outlives it.
//
// Its own state lies in .lab (or $DRYDOCK_LAB): labs in several worktrees run side by
// side. BuildKit, a root file system and the images are made once for all of them, in
// drydock/lab of the user's cache, each under a key of what it is made from; which no
// lab has used for two weeks goes.
//
// "-check" says whether this machine can run it, and does nothing. "-within 20m"
// before the command tells it in DRYDOCK_LAB_UNTIL when the time is up, what the lab
// itself takes included.
//
// The command finds the builder in BUILDKIT_HOST, and in DRYDOCK_LAB the folder
// whose oci/NAME are image layouts, each with the image's name in the file ref.
package main
