package project

import (
	"path"
	"strings"
	"unicode"
)

// templateSuffixes are the endings of files that a generator turns into
// Dockerfiles, with the generator's name.
var templateSuffixes = map[string]string{
	".j2":       "Jinja",
	".jinja":    "Jinja",
	".jinja2":   "Jinja",
	".tmpl":     "Go",
	".gotmpl":   "Go",
	".tpl":      "Go or Smarty",
	".template": "unnamed",
	".in":       "autoconf",
	".erb":      "ERB",
	".ejs":      "EJS",
	".hbs":      "Handlebars",
	".mustache": "Mustache",
	".m4":       "m4",
}

// templateByName says why a file of this name is a template and not a
// Dockerfile, "" if it is not.
func templateByName(name string) string {
	suffix := strings.ToLower(path.Ext(name))
	if kind, ok := templateSuffixes[suffix]; ok {
		return "a template (" + suffix + ", " + kind + ")"
	}
	return ""
}

// TemplateMarker looks for what only a template of a Dockerfile has and gives
// the marker. These are ERB and Jinja statements ("<% if x %>", "{% if x %}")
// outside comments, quotes and heredocs, and "{{ x }}" where an instruction or a
// path stands. A "{{" in a RUN or a CMD is left alone: docker inspect --format, Helm and mustache files written by
// RUN have it too.
func TemplateMarker(text string) (marker string, found bool) {
	var heredocs []string
	continued := false
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if len(heredocs) > 0 {
			if line == heredocs[0] {
				heredocs = heredocs[1:]
			}
			continue
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if marker := statementMarker(line); marker != "" {
			return marker, true
		}
		if !continued {
			if marker := expressionMarker(line); marker != "" {
				return marker, true
			}
			heredocs = heredocNames(line)
		}
		continued = strings.HasSuffix(line, `\`) || strings.HasSuffix(line, "`")
	}
	return "", false
}

// statementMarker finds "{% … %}" and "<% … %>" outside of quotes.
func statementMarker(line string) string {
	for _, delimiters := range [][2]string{{"{%", "%}"}, {"<%", "%>"}} {
		before, rest, found := strings.Cut(line, delimiters[0])
		if !found || insideQuotes(before) {
			continue
		}
		// curl -w takes %{…}, never {% with a blank and a closing %}.
		if body, _, closed := strings.Cut(rest, delimiters[1]); closed && body != "" {
			return delimiters[0] + body + delimiters[1]
		}
	}
	return ""
}

// expressionInstructions are the instructions in whose unquoted arguments a
// "{{ x }}" has no other use than a template's. ENV and ARG are apart: their
// values may be Go templates for a program, which begin with a dot.
var expressionInstructions = map[string]bool{
	"FROM": true, "COPY": true, "ADD": true, "WORKDIR": true, "EXPOSE": true, "USER": true, "VOLUME": true, "ENV": true, "ARG": true,
}

// expressionMarker finds "{{ … }}" where an instruction stands, or in the
// arguments of expressionInstructions.
func expressionMarker(line string) string {
	before, rest, found := strings.Cut(line, "{{")
	if !found || insideQuotes(before) {
		return ""
	}
	body, _, closed := strings.Cut(rest, "}}")
	if !closed || strings.TrimSpace(body) == "" {
		return ""
	}
	keyword := strings.ToUpper(strings.Fields(line)[0])
	isValue := (keyword == "ENV" || keyword == "ARG") && strings.HasPrefix(strings.TrimSpace(body), ".")
	if strings.Contains(keyword, "{{") || expressionInstructions[keyword] && !isValue {
		return "{{" + body + "}}"
	}
	return ""
}

func insideQuotes(before string) bool {
	var quote byte
	for i := 0; i < len(before); i++ {
		switch c := before[i]; {
		case c == '\\':
			i++
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == quote:
			quote = 0
		}
	}
	return quote != 0
}

// heredocNames lists the terminators of the heredocs that a line opens, near
// enough to skip their bodies.
func heredocNames(line string) []string {
	var names []string
	for _, part := range strings.Split(line, "<<")[1:] {
		part = strings.TrimPrefix(part, "-")
		end := strings.IndexFunc(part, func(r rune) bool {
			return r != '_' && r != '"' && r != '\'' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})
		if end >= 0 {
			part = part[:end]
		}
		name := strings.Trim(part, `"'`)
		if name != "" && !unicode.IsDigit(rune(name[0])) {
			names = append(names, name)
		}
	}
	return names
}
