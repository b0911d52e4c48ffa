package project

import (
	"path"
	"strings"
)

func isTiltfile(name string) bool { return baseMatches(name, "Tiltfile", "*.Tiltfile", "Tiltfile.*") }

// tiltBuilders reads docker_build('name', 'context', dockerfile='path',
// target='stage'), as far as the arguments are literal (Tiltfile API,
// docker_build). Both paths are relative to the Tiltfile; the Dockerfile is
// the context's own by default.
func tiltBuilders(file builderFile) []Builder {
	var builders []Builder
	rest := file.text
	for {
		before, after, found := strings.Cut(rest, "docker_build(")
		if !found {
			return builders
		}
		rest = after
		line := before[strings.LastIndexByte(before, '\n')+1:]
		if strings.Contains(line, "#") || strings.HasSuffix(line, "def ") {
			continue
		}
		if builder, ok := tiltBuilder(file, tiltArguments(after)); ok {
			builders = append(builders, builder)
		}
	}
}

func tiltBuilder(file builderFile, arguments map[string]string) (Builder, bool) {
	name, context := arguments["ref"], arguments["context"]
	if _, inline := arguments["dockerfile_contents"]; inline || name == "" || context == "" {
		return Builder{}, false
	}
	dir := path.Dir(file.name)
	contextDir, ok := resolve(dir, context)
	if !ok {
		return Builder{}, false
	}
	dockerfile := path.Join(contextDir, "Dockerfile")
	if named := arguments["dockerfile"]; named != "" {
		if dockerfile, ok = resolve(dir, named); !ok {
			return Builder{}, false
		}
	}
	builder := Builder{Where: file.name + ": " + name, Dockerfile: dockerfile, Context: contextDir, Images: imageNames([]string{name})}
	builder.setTarget(arguments["target"])
	return builder, true
}

// tiltArguments reads the arguments of a call up to its closing parenthesis.
// One that is no string literal gets "$", which no caller takes as literal.
func tiltArguments(text string) map[string]string {
	arguments := map[string]string{}
	position, depth := 0, 0
	key, value := "", ""
	literal, quoted := true, false
	word := "" // what stands outside of quotes
	end := func() {
		name := strings.TrimSpace(key)
		if name == "" && position < 2 {
			name = []string{"ref", "context"}[position]
		}
		if !literal || !quoted || word != "" {
			value = "$"
		}
		if name != "" {
			arguments[name] = value
		}
		position++
		key, value, word, literal, quoted = "", "", "", true, false
	}
	for i := 0; i < len(text) && i < maxCommandLine; i++ {
		switch c := text[i]; {
		case c == '\'' || c == '"':
			closing := strings.IndexByte(text[i+1:], c)
			if closing < 0 {
				return arguments
			}
			literal = literal && !quoted && depth == 0 && word == ""
			value, quoted = text[i+1:i+1+closing], true
			i += closing + 1
		case c == '#':
			next := strings.IndexByte(text[i:], '\n')
			if next < 0 {
				return arguments
			}
			i += next
		case strings.IndexByte("([{", c) >= 0:
			depth++
			literal = false
		case c == ')' && depth == 0:
			if quoted || word != "" {
				end()
			}
			return arguments
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		case c == ',' && depth == 0:
			end()
		case c == '=' && depth == 0:
			key, word = word, ""
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		default:
			word += string(c)
		}
	}
	return arguments
}
