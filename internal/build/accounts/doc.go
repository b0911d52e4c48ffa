// Package accounts reads which users and groups exist at a point of a stage, and
// which IDs they have: those of the base image, those that the commands of a RUN
// make, change and delete, those of the scripts of the build context that it runs,
// and those of an /etc/passwd that the file writes or copies.
//
// Invariants: an ID is known only if the file or the base image's table says it;
// what the image's tools would choose is not guessed. A command with an option
// that its table does not have is not read at all. An account that may be there
// already, or may not be made, says so in Unsure.
package accounts
