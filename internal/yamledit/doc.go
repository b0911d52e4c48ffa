// Package yamledit changes YAML files without printing them: it finds the bytes
// to write from the positions of a parsed tree.
//
// Invariants: edits replace one scalar or put whole keys in, and every other
// byte stays; the text with its edits made is parsed again, and its content is
// that of the original but for what was asked, with every comment, or there are
// no edits and an error says why. What an alias shares is not edited.
//
// The trees are those of go.yaml.in/yaml/v3: it is the parser that Kubernetes'
// own tools descend from, and its lines and columns hold. The offsets of
// goccy/go-yaml's tokens, which would save the scan for a node's end, count
// runes, and its grammar differs from the cluster's.
package yamledit
