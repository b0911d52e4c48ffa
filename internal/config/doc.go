// Package config reads what a repository tells drydock: the file .drydock.yaml
// and the "# drydock:" comments of Dockerfiles.
//
// Invariants: both are hostile input. The file is strict: a key or value that
// schema.json does not allow is an error with its line and column. The zero
// Config is the default one.
package config
