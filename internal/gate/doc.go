// Command gate holds drydock to its numbers, on real Dockerfiles that are not
// part of the repository.
//
//	go run ./internal/gate -corpus ../shared/corpus          the hard numbers; exits with 1 if one is missed
//	go run ./internal/gate -show numeric-user -n 20          diffs drawn by lot, to read as a maintainer would
//	go run ./internal/gate -reason "no build context"        the files that were declined so
//	go run ./internal/gate gold                              against what maintainers did themselves
//	go run ./internal/gate apps                              what becomes of every application: split, fine or declined
//	go run ./internal/gate users                             the named users that get a number
//	go run ./internal/gate speed                             files a second, CPU against BuildKit's parsers, memory
//
// Its checks are made of BuildKit's own parse and of plain tokens, and share no
// code with package contract: a mistake there shows here.
package main
