// Package api answers.
package api

// Hello is what there is to say.
func Hello() string { return "hello" }
