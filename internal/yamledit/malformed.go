package yamledit

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/internal/source"
)

// Malformed says where a text is no YAML, and what is wrong there, of an error of the
// library. That names no line for bytes that are no text and in the first line, and
// the line before where its parser, not its scanner, finds the fault.
func Malformed(text string, err error) (at source.Position, message string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	file := source.New("", text)
	if isAboutBytes(message) {
		return file.Position(firstForeign(text)), message
	}
	at = source.Position{Line: 1, Column: 1}
	var line int
	if n, _ := fmt.Sscanf(message, "line %d:", &line); n == 1 {
		at.Line = line
		_, message, _ = strings.Cut(message, ": ")
		if slices.Contains(parserErrors, message) {
			at.Line++
		}
	}
	at.Line = min(at.Line, file.Position(len(strings.TrimRight(text, "\n"))).Line)
	return at, message
}

// parserErrors are those of the library's parser, whose marks count lines from 0.
// Source: parserc.go of go.yaml.in/yaml/v3, and fail in its decode.go.
var parserErrors = []string{
	"did not find expected <document start>", "did not find expected key", "did not find expected '-' indicator", "did not find expected node content",
	"did not find expected ',' or ']'", "did not find expected ',' or '}'",
	"found undefined tag handle", "found duplicate %YAML directive", "found duplicate %TAG directive", "found incompatible YAML document",
}

// isAboutBytes reports whether an error is one of the library's reader (readerc.go).
func isAboutBytes(message string) bool {
	return strings.Contains(message, "UTF-8") || strings.Contains(message, "control characters") || strings.Contains(message, "Unicode character")
}

// firstForeign is the offset of the first byte that is no text to YAML (yaml.org,
// 5.1 Character Set).
func firstForeign(text string) int {
	for i, r := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1, r < ' ' && !strings.ContainsRune("\t\n\r", r), r >= 0x7f && r < 0xa0 && r != 0x85:
			return i
		}
	}
	return len(text)
}
