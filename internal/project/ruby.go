package project

import (
	"fmt"
	"path"
	"strings"
	"unicode"
)

// Bundler says what "bundle install" in dir reads. gemfile is the value of
// BUNDLE_GEMFILE or --gemfile relative to dir, "" for Gemfile.
//
// A Gemfile is Ruby, and is read word by word here: gem, path, gemspec,
// eval_gemfile, ruby file:, File.read and require_relative with literal
// arguments. Ruby that may open files in other ways counts as reading the
// source.
func Bundler(c *Context, dir, gemfile string) Manifests {
	r := collect(c)
	if gemfile == "" {
		gemfile = "Gemfile"
		if !r.hasFile(path.Join(dir, gemfile)) && r.hasFile(path.Join(dir, "gems.rb")) {
			gemfile = "gems.rb"
		}
	}
	name := cleanPath(path.Join(dir, gemfile))
	if !r.file(name) {
		return r.result()
	}
	lock := name + ".lock"
	if path.Base(name) == "gems.rb" {
		lock = path.Join(path.Dir(name), "gems.locked")
	}
	locked := r.optional(lock)
	r.gemfile(name)
	if locked {
		r.gemfileLock(lock)
	}
	r.optional(path.Join(dir, ".bundle/config"))
	// bundle install takes gems from here if the folder exists.
	r.optionalDir(path.Join(path.Dir(name), "vendor/cache"))
	return r.result()
}

// gemfile reads one Gemfile that is noted already.
func (r *collector) gemfile(name string) {
	text, ok := r.text(name)
	if !ok {
		return
	}
	lines := rubyLines(text)
	for _, line := range lines {
		r.guardedFiles(path.Dir(name), rubyTokens(line))
	}
	for number, line := range lines {
		r.gemfileLine(name, fmt.Sprintf("%s:%d", name, number+1), rubyTokens(line))
	}
}

// guardedFiles notes the files that are opened only if they exist, and do not:
// they are not missing.
func (r *collector) guardedFiles(dir string, tokens []rubyToken) {
	for i, token := range tokens {
		if !strings.HasPrefix(token.text, "File.exist") && token.text != "File.file?" {
			continue
		}
		full := cleanPath(path.Join(dir, literalAfter(tokens[i+1:])))
		if !r.hasFile(full) {
			r.seen[full] = true
		}
	}
}

// rubyLines splits the text up to __END__; what is between =begin and =end is
// emptied.
func rubyLines(text string) []string {
	lines := strings.Split(text, "\n")
	comment := false
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "__END__"):
			return lines[:i]
		case strings.HasPrefix(line, "=begin"):
			comment = true
		}
		ends := strings.HasPrefix(line, "=end")
		if comment {
			lines[i] = ""
		}
		comment = comment && !ends
	}
	return lines
}

// fileReaders are the calls that open the file of their first argument.
var fileReaders = map[string]bool{
	"File.read": true, "File.open": true, "File.readlines": true, "File.exist?": true, "File.exists?": true, "File.file?": true,
	"IO.read": true, "IO.readlines": true, "YAML.load_file": true, "JSON.load_file": true, "load": true, "eval_gemfile": true,
	"require_relative": true, "File.join": true, "File.expand_path": true, "Pathname.new": true,
}

// folderReaders are the calls that list folders or run what cannot be read.
var folderReaders = map[string]bool{
	"Dir": true, "Dir.glob": true, "Dir.entries": true, "Dir.children": true, "Dir.each_child": true, "Dir.exist?": true,
	"Find.find": true, "system": true, "exec": true, "IO.popen": true, "Open3.capture2": true,
}

func (r *collector) gemfileLine(file, here string, tokens []rubyToken) {
	dir := path.Dir(file)
	for i, token := range tokens {
		switch {
		case token.kind == rubyBackticks:
			r.source("%s runs a command", here)
		case token.kind != rubyWord:
		case token.text == "gemspec" && i == 0:
			r.gemspec(dir, here, tokens)
		case token.text == "path" || token.text == "path:" || token.text == ":path":
			if place := literalAfter(tokens[i+1:]); place != "" {
				r.rubyPath(dir, here, place)
			} else if i == 0 || token.text != "path" {
				r.rubyComputed(here, token.text, tokens[i+1:])
			}
		case token.text == "file:" || token.text == ":file":
			// ruby file: ".ruby-version"
			if name := literalAfter(tokens[i+1:]); name != "" {
				r.file(path.Join(dir, name))
			} else {
				r.rubyComputed(here, "the Ruby version", tokens[i+1:])
			}
		case folderReaders[token.text]:
			r.source("%s calls %s", here, token.text)
		case fileReaders[token.text]:
			r.rubyFile(dir, here, token.text, tokens[i+1:])
		}
	}
}

// rubyComputed notes that something else follows where a literal string has to:
// that counts as reading the source.
func (r *collector) rubyComputed(here, what string, rest []rubyToken) {
	if len(rest) > 0 && rest[0].text != "," {
		r.source("%s: %s is computed", here, strings.Trim(what, ":"))
	}
}

// literalAfter gives the literal string that follows, past "=>" and "(".
func literalAfter(rest []rubyToken) string {
	for _, token := range rest {
		switch {
		case token.kind == rubyString && !strings.Contains(token.text, "#{"):
			return token.text
		case token.kind == rubyPunctuation && strings.Contains("=>(", token.text):
		default:
			return ""
		}
	}
	return ""
}

// rubyPath notes a folder of gems.
func (r *collector) rubyPath(dir, here, place string) {
	if path.IsAbs(place) {
		r.source("%s names %s", here, place)
		return
	}
	r.dir(path.Join(dir, place), dir, here+" names the project itself")
}

// rubyFile notes the file that a call opens. File.join and its like build a
// path from parts, of which __dir__ is the folder of the Gemfile.
func (r *collector) rubyFile(dir, here, call string, rest []rubyToken) {
	var parts []string
	for _, token := range rest {
		if token.kind == rubyString {
			parts = append(parts, token.text)
			if call != "File.join" {
				break
			}
			continue
		}
		if token.kind == rubyWord && fileReaders[token.text] {
			return // File.read(File.join(…)): the inner call names it
		}
		if token.kind == rubyWord && token.text != "__dir__" && token.text != "__FILE__" {
			break
		}
		if token.text == ")" {
			break
		}
	}
	name := path.Join(parts...)
	if len(parts) == 0 || strings.Contains(name, "#{") {
		r.source("%s: %s opens a file whose name is computed", here, call)
		return
	}
	if path.IsAbs(name) {
		r.source("%s: %s opens %s", here, call, name)
		return
	}
	// File.expand_path("../x", __FILE__) starts from the file, not its folder.
	if call == "File.expand_path" && len(rest) > 0 && endsWithFile(rest) {
		name = strings.TrimPrefix(name, "../")
	}
	full := path.Join(dir, name)
	if call == "require_relative" && path.Ext(full) == "" {
		full += ".rb"
	}
	switch {
	case r.seen[path.Clean(full)]:
		return
	case strings.HasSuffix(call, "?") || call == "File.join" || call == "File.expand_path" || call == "Pathname.new":
		if !r.optional(full) {
			return
		}
	case !r.file(full):
		return
	}
	if call == "eval_gemfile" || call == "load" || call == "require_relative" || strings.Contains(path.Base(full), "Gemfile") {
		r.gemfile(cleanPath(full))
	}
}

func endsWithFile(tokens []rubyToken) bool {
	for _, token := range tokens {
		if token.text == "__FILE__" {
			return true
		}
	}
	return false
}

// gemspec notes what the gemspec directive reads. A gemspec lists the gem's
// own files and as a rule loads lib/**/version.rb.
func (r *collector) gemspec(dir, here string, tokens []rubyToken) {
	for i, token := range tokens {
		if token.text == "path:" || token.text == ":path" {
			if place := literalAfter(tokens[i+1:]); place != "" && place != "." {
				return // gemfileLine takes the folder
			}
		}
	}
	specs, _ := r.context.glob(dir, "*.gemspec")
	for _, spec := range specs {
		r.file(spec)
		r.source("%s: gemspec evaluates %s, which reads the gem's source", here, spec)
	}
	r.source("%s: gemspec reads the gem's source", here)
}

// gemfileLock takes the folders of local gems from the PATH sections, which
// are what bundler resolved.
func (r *collector) gemfileLock(name string) {
	text, ok := r.text(name)
	if !ok {
		return
	}
	section := ""
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, "\r ")
		if line != "" && line[0] != ' ' {
			section = line
		}
		remote, found := strings.CutPrefix(line, "  remote: ")
		if section == "PATH" && found {
			r.rubyPath(path.Dir(name), name+": PATH", remote)
		}
	}
}

type rubyKind int

const (
	rubyPunctuation rubyKind = iota
	rubyWord                 // an identifier, a constant path, "path:", ":path"
	rubyString
	rubyBackticks
)

type rubyToken struct {
	kind rubyKind
	text string
}

// rubyTokens splits a line of Ruby, comments left out. Strings lose their
// quotes; %w lists and heredocs are not taken apart.
func rubyTokens(line string) []rubyToken {
	var tokens []rubyToken
	for i := 0; i < len(line); {
		c := line[i]
		switch {
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '#':
			return tokens
		case c == '"' || c == '\'' || c == '`':
			text, end := quotedRuby(line, i)
			kind := rubyString
			if c == '`' {
				kind = rubyBackticks
			}
			tokens = append(tokens, rubyToken{kind, text})
			i = end
		case isRubyWord(c) || c == ':' && i+1 < len(line) && isRubyWord(line[i+1]):
			end := i + 1
			for end < len(line) && (isRubyWord(line[end]) || line[end] == '?' || line[end] == '.' && end+1 < len(line) && isRubyWord(line[end+1])) {
				end++
			}
			if end < len(line) && line[end] == ':' && (end+1 == len(line) || line[end+1] != ':') {
				end++
			}
			tokens = append(tokens, rubyToken{rubyWord, line[i:end]})
			i = end
		default:
			tokens = append(tokens, rubyToken{rubyPunctuation, string(c)})
			i++
		}
	}
	return tokens
}

func quotedRuby(line string, start int) (text string, end int) {
	var b strings.Builder
	for i := start + 1; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
			if i < len(line) {
				b.WriteByte(line[i])
			}
		case line[start]:
			return b.String(), i + 1
		default:
			b.WriteByte(line[i])
		}
	}
	return b.String(), len(line)
}

func isRubyWord(c byte) bool {
	return c == '_' || c >= 0x80 || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))
}
