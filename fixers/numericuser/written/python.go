package written

import (
	"slices"
	"strings"
)

// pythonRules: the standard library's functions, and those of what web services
// commonly use.
//
// Sources: docs.python.org/3/library (functions, os, pathlib, shutil, logging.handlers,
// sqlite3); flask.palletsprojects.com/patterns/fileuploads; docs.djangoproject.com
// (MEDIA_ROOT, databases); docs.sqlalchemy.org (SQLite's URLs).
var pythonRules = []rule{
	{"open(", pythonOpen},
	{"makedirs(", method(occurrence.folder, "os")}, {"mkdir(", method(occurrence.folder, "os")},
	{"write_text(", method(occurrence.file)}, {"write_bytes(", method(occurrence.file)}, {".touch(", pathMethod},
	{"FileHandler", fileHandler}, {"basicConfig(", basicConfig},
	{".save(", pythonSave}, {".dump(", pythonDump},
	{"to_csv(", optionalFile}, {"to_pickle(", argument(0, occurrence.file)}, {"to_excel(", argument(0, occurrence.file)}, {"to_parquet(", argument(0, occurrence.file)},
	{"UPLOAD_FOLDER", setting}, {"MEDIA_ROOT", setting},
	{"sqlite", sqlite},
	{"os.remove(", argument(0, occurrence.file)}, {"os.unlink(", argument(0, occurrence.file)}, {".unlink(", pathMethod},
	{"os.rename(", twoFiles}, {"os.replace(", twoFiles},
	{"shutil.", shutil},
	{"accesslog", toOutput}, {"errorlog", toOutput},
	{"os.open", nil}, {"os.chown", nil}, {"os.chmod", nil}, {"setuid", nil}, {"shelve", nil}, {"dbm", nil}, {"urlretrieve", nil},
	{"subprocess", nil}, {"os.system", nil}, {"os.popen", nil}, {"SOCK_RAW", nil}, {"scapy", nil}, {"lmdb", nil}, {"TinyDB", nil}, {"tinydb", nil},
	{"pidfile", nil}, {"/root", nil}, {"FileSystemCache", nil}, {"runserver", nil}, {"docker.sock", nil}, {"docker.from_env", nil},
	{"expanduser", nil}, {"Path.home", nil}, {"os.chdir", nil}, {`"filesystem"`, nil}, {"'filesystem'", nil}, // Flask-Session, Flask-Caching
	{"logger.add(", loguru},
}

// openers are modules whose open takes a path and a mode as the built-in one does.
var openers = []string{"io", "codecs", "aiofiles", "gzip", "bz2", "lzma", "tarfile", "wave", "anyio"}

// pythonOpen: open(path, mode), Path(path).open(mode). Reading needs no room.
func pythonOpen(o occurrence) verdict {
	args := o.args()
	name := o.before()
	switch {
	case strings.HasSuffix(name, "def "), name != "" && !strings.HasSuffix(name, "."):
		return harmless // urlopen, fdopen, or a function of the program's own
	case name == "os." || name == "webbrowser.":
		return no
	case name == "Image.":
		return harmless // reads
	}
	file, mode := "", 1
	if module := strings.TrimSuffix(name, "."); name == "" && !strings.HasSuffix(o.text[:o.at], ".") || slices.Contains(openers, module) {
		if len(args) == 0 {
			return harmless
		}
		file = args[0]
	} else {
		file, mode = receiver(o.text, o.at-1), 0
	}
	switch reads, known := readsOnly(args, mode); {
	case !known:
		return no
	case reads:
		return harmless
	}
	return o.file(file)
}

// readsOnly looks at the mode of an open: the nth argument, or mode=.
func readsOnly(args []string, n int) (reads, known bool) {
	mode := ""
	for i, a := range args {
		key, v, isKeyword := strings.Cut(a, "=")
		switch {
		case isKeyword && strings.TrimSpace(key) == "mode":
			mode = strings.TrimSpace(v)
		case i == n && (!isKeyword || strings.ContainsAny(key, `'"`)):
			mode = a
		}
	}
	if mode == "" {
		return true, true
	}
	if len(mode) < 2 || !strings.ContainsAny(mode[:1], `'"`) || stringEnd(mode, 0) != len(mode) {
		return false, false
	}
	return !strings.ContainsAny(mode, "wax+"), true
}

func pathMethod(o occurrence) verdict {
	if strings.TrimSuffix(o.before(), ".") == "os" {
		return harmless // os.unlink has a rule of its own
	}
	return o.file(receiver(o.text, o.at))
}

// fileHandler: FileHandler(path), and 'class': 'logging.FileHandler' with 'filename': path.
func fileHandler(o occurrence) verdict {
	switch rest := o.text[o.end:]; {
	case o.isImport():
		return harmless
	case strings.HasPrefix(rest, "("):
		args, _, _ := arguments(o.text, o.end)
		for i, a := range args {
			if v, ok := strings.CutPrefix(a, "filename="); ok || i == 0 {
				return o.file(strings.TrimSpace(v))
			}
		}
		return no
	}
	return o.keyed("filename")
}

func basicConfig(o occurrence) verdict {
	for _, a := range o.args() {
		if v, ok := strings.CutPrefix(a, "filename="); ok {
			return o.file(v)
		}
	}
	return harmless
}

// pythonSave: file.save(path) of an upload or an image; a model's save() names none.
func pythonSave(o occurrence) verdict {
	args := o.args()
	if len(args) == 0 {
		return harmless
	}
	if key, _, isKeyword := strings.Cut(args[0], "="); isKeyword && isName(strings.TrimSpace(key)) {
		return harmless // commit=False, update_fields=[...]
	}
	if args[0] == "*args" {
		return harmless // super().save(*args, **kwargs)
	}
	return o.file(args[0])
}

// pythonDump: json.dump(x, f) writes to a file that an open has named.
func pythonDump(o occurrence) verdict {
	switch o.before() {
	case "json", "pickle", "yaml", "simplejson", "ujson", "marshal", "toml", "tomli_w":
		return harmless
	case "joblib":
		return argument(1, occurrence.file)(o)
	}
	return no
}

// optionalFile: without a path the text is returned.
func optionalFile(o occurrence) verdict {
	args := o.args()
	if len(args) == 0 || strings.HasPrefix(args[0], "index=") {
		return harmless
	}
	return o.file(args[0])
}

// setting is a framework's folder for uploads.
func setting(o occurrence) verdict {
	name := o.text[o.at:o.end]
	if len(o.shared[name]) == 0 {
		return no
	}
	sum := verdict{}
	for _, expr := range o.shared[name] {
		sum = both(sum, o.folder(expr))
	}
	return sum
}

// sqlite: SQLAlchemy's URLs, sqlite3.connect and Django's backend.
func sqlite(o occurrence) verdict {
	rest := o.text[o.end:]
	open := strings.LastIndexAny(o.text[fromLine(o.text, o.at):o.at], `'"`)
	switch {
	case o.isImport():
		return harmless
	case strings.HasPrefix(rest, "3.connect("):
		args, _, _ := arguments(o.text, o.end+len("3.connect"))
		if len(args) == 0 {
			return no
		}
		if strings.Contains(args[0], ":memory:") {
			return harmless
		}
		return o.file(args[0])
	case strings.HasPrefix(rest, "3."):
		return harmless // sqlite3.Row, sqlite3.Error
	case strings.Contains(o.text[fromLine(o.text, o.at):o.at], "django.db.backends."):
		return o.keyed("NAME")
	case strings.HasSuffix(o.text[:o.at], ".") && startsWith(strings.TrimPrefix(rest, "3"), `"`, "'"):
		return harmless // the end of a file's name
	case open >= 0 && strings.HasPrefix(strings.TrimLeft(rest, "+apysqliteo"), "://"):
		return o.sqliteURL(fromLine(o.text, o.at) + open)
	}
	return no
}

// sqliteURL reads the literal that begins at i: sqlite:///a.db, sqlite:////data/a.db,
// sqlite:// for none. What follows by + or in braces belongs to it.
func (o occurrence) sqliteURL(i int) verdict {
	if i > 0 && (o.text[i-1] == 'f' || o.text[i-1] == 'F') {
		i--
	}
	v := o.eval(until(o.text, i))
	_, file, ok := strings.Cut(v.text, "://")
	switch {
	case ok && v.exact && (file == "" || strings.Contains(v.text, ":memory:")):
		return harmless
	case !ok || !strings.HasPrefix(file, "/") || !v.exact:
		return no
	}
	file, _, _ = strings.Cut(file[1:], "?")
	if !strings.HasPrefix(file, "/") && len(o.shared["SQLALCHEMY_DATABASE_URI"]) > 0 {
		return no // Flask-SQLAlchemy's folder differs by version and layout (flask-sqlalchemy.readthedocs.io/config)
	}
	return o.file(`"` + file + `"`)
}

// loguru: logger.add(sys.stderr) or logger.add("app.log").
func loguru(o occurrence) verdict {
	args := o.args()
	if len(args) == 0 || strings.HasPrefix(args[0], "sys.std") || strings.HasPrefix(args[0], "lambda ") {
		return harmless
	}
	return o.file(args[0])
}

func shutil(o occurrence) verdict {
	name := o.text[o.end:]
	if i := strings.IndexByte(name, '('); i > 0 && isName(name[:i]) {
		o.end += i + 1
		switch name[:i] {
		case "which", "copyfileobj", "disk_usage":
			return harmless
		case "copy", "copy2", "copyfile":
			return argument(1, occurrence.file)(o)
		case "move":
			return twoFiles(o)
		case "rmtree":
			return argument(0, occurrence.file)(o)
		}
	}
	return no
}

// toOutput: gunicorn's accesslog = "-".
func toOutput(o occurrence) verdict {
	rest := strings.TrimLeft(o.text[o.end:o.lineEnd()], " =")
	if strings.HasPrefix(rest, `"-"`) || strings.HasPrefix(rest, "'-'") || strings.HasPrefix(rest, "None") {
		return harmless
	}
	return no
}
