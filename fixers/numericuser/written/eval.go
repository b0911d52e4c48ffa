package written

import (
	"path"
	"strings"
)

// A value is what is known of a path: its text, or only what it begins with.
type value struct {
	text  string
	exact bool // else text is a prefix, "" for nothing known
}

var unknown = value{}

// A reader evaluates the expressions of one file.
type reader struct {
	image  Image
	file   string // path in the image, "" if the file is at none or at several
	text   string
	shared map[string][]string // the expressions that constants of all files are set to
	depth  int
}

// maxDepth is how many constants deep an expression is followed.
const maxDepth = 8

// eval is what an expression is known to be:
//
//	"data/a.json"   os.path.join(BASE, "data")   Path("a") / name   f"{DIR}/{x}"
//	path.join(__dirname, 'uploads')   `${dir}/a`   './logs/' + name
func (r *reader) eval(expr string) value {
	expr = strings.TrimSpace(expr)
	if r.depth++; r.depth > maxDepth {
		r.depth--
		return unknown
	}
	defer func() { r.depth-- }()
	for strings.HasPrefix(expr, "(") {
		inner, end, ok := arguments(expr, 0)
		if !ok || end != len(expr) || len(inner) != 1 {
			break
		}
		expr = inner[0]
	}
	terms, ops := split(expr)
	v := r.term(terms[0])
	for i, op := range ops {
		v = combine(v, op, r.term(terms[i+1]))
	}
	return v
}

// split cuts an expression at its + and / that stand outside strings and brackets.
func split(expr string) (terms []string, ops []byte) {
	depth, start := 0, 0
	for i := 0; i < len(expr); {
		switch ch := expr[i]; {
		case ch == '\'' || ch == '"' || ch == '`':
			i = stringEnd(expr, i)
			continue
		case ch == '(' || ch == '[' || ch == '{':
			depth++
		case ch == ')' || ch == ']' || ch == '}':
			depth--
		case depth == 0 && (ch == '+' || ch == '/'):
			terms, ops = append(terms, strings.TrimSpace(expr[start:i])), append(ops, ch)
			start = i + 1
		}
		i++
	}
	return append(terms, strings.TrimSpace(expr[start:])), ops
}

func combine(a value, op byte, b value) value {
	switch {
	case !a.exact || op == '/' && path.IsAbs(b.text):
		return value{text: a.text}
	case op == '+':
		return value{a.text + b.text, b.exact}
	case b.text == "" && !b.exact:
		return value{text: strings.TrimSuffix(a.text, "/") + "/"}
	}
	return value{path.Join(a.text, b.text) + slash(b), b.exact}
}

// slash keeps the slash at the end of a prefix: what comes below it is not known.
func slash(v value) string {
	if !v.exact && strings.HasSuffix(v.text, "/") {
		return "/"
	}
	return ""
}

func (r *reader) term(t string) value {
	switch {
	case t == "":
		return unknown
	case strings.ContainsAny(t[:1], `'"`+"`"):
		if t[0] == '`' {
			return r.template(t)
		}
		return literal(t)
	case len(t) > 1 && strings.ContainsAny(t[:1], "fFrRbu") && strings.ContainsAny(t[1:2], `'"`):
		if t[0] == 'f' || t[0] == 'F' {
			return r.template(t[1:])
		}
		return literal(t[1:])
	case t == "__file__" || t == "__filename":
		return value{r.file, r.file != ""}
	case t == "__dirname":
		return value{path.Dir(r.file), r.file != ""}
	case t[0] == '(':
		return r.eval(t)
	}
	return r.chain(t)
}

// quoted is what stands between the quotes of a string; it is not ok where more
// stands behind them or something is escaped.
func quoted(t string) (body string, ok bool) {
	end := stringEnd(t, 0)
	if end != len(t) || len(t) < 2 {
		return "", false
	}
	quotes := 1
	if end >= 6 && t[0] != '`' && t[1] == t[0] && t[2] == t[0] {
		quotes = 3
	}
	body = t[quotes : end-quotes]
	return body, !strings.Contains(body, `\`)
}

// literal is a string literal that formats nothing.
func literal(t string) value {
	body, ok := quoted(t)
	if !ok || strings.Contains(body, "%") || strings.Contains(body, "#{") {
		return unknown
	}
	return value{body, true}
}

// template is what stands in a template before the first part that is not known.
func (r *reader) template(t string) value {
	body, ok := quoted(t)
	if !ok {
		return unknown
	}
	open, drop := "{", 1
	if t[0] == '`' {
		open, drop = "${", 2
	}
	var b strings.Builder
	for {
		i := strings.Index(body, open)
		if i < 0 {
			return value{b.String() + body, true}
		}
		b.WriteString(body[:i])
		close := strings.IndexByte(body[i:], '}')
		if close < 0 {
			return unknown
		}
		v := r.eval(body[i+drop : i+close])
		b.WriteString(v.text)
		if !v.exact {
			return value{text: b.String()}
		}
		body = body[i+close+1:]
	}
}

// chain is a name, or calls and attributes of one: Path(x).parent, os.path.join(a, b).
func (r *reader) chain(t string) value {
	i := 0
	for i < len(t) && (isNameByte(t[i]) || t[i] == '.') {
		i++
	}
	name := t[:i]
	v, known := unknown, false
	switch {
	case i == len(t) || t[i] == ' ':
		if i < len(t) {
			return unknown // a if b else c
		}
		return r.named(name)
	case t[i] == '[': // config["UPLOAD_FOLDER"]
		args, end, ok := arguments(t, i)
		if !ok || len(args) != 1 || !isConfiguration(name) {
			return unknown
		}
		key := strings.Trim(args[0], `'"`)
		if v, known, i = r.constant(key), true, end; name == "os.environ" || name == "process.env" {
			v = r.environment(key)
		}
	case t[i] == '(':
		args, end, ok := arguments(t, i)
		if !ok {
			return unknown
		}
		v, known = r.call(name, args)
		i = end
	}
	if !known {
		return unknown
	}
	return r.members(v, t[i:])
}

// members applies what follows a path: .parent, .resolve(), .joinpath(x).
func (r *reader) members(v value, rest string) value {
	for rest != "" {
		var args []string
		name := strings.TrimPrefix(rest, ".")
		i := strings.IndexAny(name, ".([ ")
		rest = ""
		if i >= 0 {
			name, rest = name[:i], name[i:]
		}
		if strings.HasPrefix(rest, "(") {
			a, end, ok := arguments(rest, 0)
			if !ok {
				return unknown
			}
			args, rest = a, rest[end:]
		}
		switch name {
		case "parent":
			v = parent(v)
		case "resolve", "absolute", "as_posix", "toString", "strip", "rstrip":
		case "joinpath":
			for _, a := range args {
				v = combine(v, '/', r.eval(a))
			}
		default:
			return unknown
		}
	}
	return v
}

func parent(v value) value {
	if !v.exact {
		return unknown
	}
	return value{path.Dir(v.text), true}
}

// call is what a function returns; known is false for one that is not about paths.
func (r *reader) call(name string, args []string) (v value, known bool) {
	short := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case name == "os.path.join" || name == "path.join" || name == "path.resolve" || name == "join" || name == "File.join" || name == "resolve":
		return r.joined(args), true
	case name == "Rails.root.join":
		return combine(value{r.image.Workdir, true}, '/', r.joined(args)), true
	case short == "Path" || short == "str" || short == "String" || short == "PurePath" || short == "abspath" || short == "realpath" || short == "normpath" || short == "normalize" || short == "fspath":
		if len(args) == 0 {
			return value{r.image.Workdir, true}, true
		}
		return r.joined(args), true
	case name == "os.path.dirname" || name == "path.dirname" || name == "dirname" || name == "File.dirname":
		if len(args) != 1 {
			return unknown, true
		}
		return parent(r.eval(args[0])), true
	case name == "os.getcwd" || name == "process.cwd" || name == "Path.cwd" || name == "Dir.pwd":
		return value{r.image.Workdir, r.image.Workdir != ""}, true
	case short == "getenv" || name == "os.environ.get" || name == "environ.get" || name == "ENV.fetch":
		if len(args) > 0 {
			return r.environment(r.eval(args[0]).text), true
		}
	case short == "get" && isConfiguration(strings.TrimSuffix(name, ".get")) && len(args) > 0:
		return r.constant(strings.Trim(args[0], `'"`)), true
	}
	return unknown, false
}

func (r *reader) joined(args []string) value {
	v := value{exact: true}
	for i, a := range args {
		b := r.eval(a)
		if i == 0 {
			v = b
			continue
		}
		v = combine(v, '/', b)
	}
	return v
}

// environment is what a variable of the environment is: as the image sets it. The
// source's own default is none: whoever runs the image may set another.
func (r *reader) environment(name string) value {
	if text, ok := r.image.Env[name]; ok && name != "" {
		return value{text, true}
	}
	return unknown
}

// isConfiguration reports whether an expression is a framework's settings.
func isConfiguration(name string) bool {
	return name == "config" || strings.HasSuffix(name, ".config") || name == "settings" || name == "os.environ" || name == "process.env"
}

// named is a variable, or an attribute of a module or a class that is one.
func (r *reader) named(name string) value {
	if rest, ok := strings.CutPrefix(name, "process.env."); ok {
		return r.environment(rest)
	}
	if (name == "app.root_path" || name == "current_app.root_path") && strings.Contains(r.text, "Flask(__name__") {
		return value{path.Dir(r.file), r.file != ""} // the folder of the module (flask.palletsprojects.com/api)
	}
	if rest, ok := strings.CutSuffix(name, ".parent"); ok {
		return parent(r.named(rest))
	}
	return r.constant(name[strings.LastIndexByte(name, '.')+1:])
}

// constant is a name that every assignment in sight gives the same value, or
// values below the same folder: those of this file, and of a name in capitals
// those of all.
func (r *reader) constant(name string) value {
	if !isName(name) {
		return unknown
	}
	var exprs []string
	switch {
	case name == strings.ToUpper(name):
		exprs = r.shared[name]
	case isBoundOtherwise(r.text, name):
		return unknown
	default:
		exprs = assignments(r.text)[name]
	}
	v := unknown
	for i, e := range exprs {
		next := r.eval(e)
		if i > 0 && next != v {
			return unknown
		}
		v = next
	}
	return v
}
