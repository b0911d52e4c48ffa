package written

import "strings"

// javascriptRules: Node's fs, and what services commonly write files with.
//
// Sources: nodejs.org/api/fs.html; github.com/expressjs/multer; github.com/winstonjs/winston
// (transports.File); github.com/TryGhost/node-sqlite3 and github.com/WiseLibs/better-sqlite3.
var javascriptRules = []rule{
	{"writeFile", fsCall}, {"appendFile", fsCall}, {"createWriteStream", fsCall},
	{"mkdirp", fsFolder}, {"mkdirSync", fsFolder}, {"mkdir(", argument(0, occurrence.folder)},
	{"unlink", fsCall}, {"renameSync(", twoFiles}, {"rename(", twoFiles}, {"rmSync(", argument(0, occurrence.file)},
	{"copyFile", fsCopy},
	{"multer", multer}, {"diskStorage(", diskStorage}, {"transports.File(", fileTransport},
	{"sqlite", nodeSqlite},
	{"cpSync", nil}, {"nedb", nil}, {"lowdb", nil}, {"child_process", nil}, {"setuid", nil}, {"/root", nil}, {"fs.open", nil}, {"openSync", nil},
	{"filename:", filenameKey}, {"process.chdir", nil}, {"session-file-store", nil}, {"node-persist", nil}, {"electron-store", nil},
	{"leveldb", nil}, {"docker.sock", nil}, {"dockerode", nil}, {"homedir(", nil}, {"DailyRotateFile", nil}, {"pino.destination", nil},
}

// fsCall: fs.writeFile(path, ...), fs.promises.writeFile and writeFileSync alike.
func fsCall(o occurrence) verdict { return fsAt(o, 0, occurrence.file) }

func fsFolder(o occurrence) verdict { return fsAt(o, 0, occurrence.folder) }

func fsCopy(o occurrence) verdict { return fsAt(o, 1, occurrence.file) }

func fsAt(o occurrence, n int, room func(occurrence, string) verdict) verdict {
	rest := strings.TrimPrefix(strings.TrimPrefix(o.text[o.end:], "Sync"), ".sync")
	switch {
	case strings.HasPrefix(rest, "("):
		o.end = len(o.text) - len(rest) + 1
		return argument(n, room)(o)
	case o.isImport(), strings.HasPrefix(strings.TrimLeft(rest, " "), "}"), strings.HasPrefix(strings.TrimLeft(rest, " "), ","):
		return harmless // const { writeFile } = require('fs')
	}
	return no
}

// multer: multer({ dest: path }); with a storage of its own see diskStorage.
func multer(o occurrence) verdict {
	switch rest := o.text[o.end:]; {
	case o.isImport(), strings.HasPrefix(rest, ".memoryStorage("), strings.HasPrefix(rest, ".diskStorage("), strings.HasPrefix(rest, ".MulterError"), strings.HasPrefix(rest, "()"):
		return harmless
	case strings.HasPrefix(rest, "("):
		args, _, _ := arguments(o.text, o.end)
		if len(args) == 1 && strings.Contains(args[0], "dest:") {
			return o.folder(until(args[0], strings.Index(args[0], "dest:")+len("dest:")))
		}
		if len(args) == 1 && strings.Contains(args[0], "storage") {
			return harmless
		}
	}
	return no
}

// diskStorage: destination is a path; a function is followed where it calls back
// with one.
func diskStorage(o occurrence) verdict {
	args := o.args()
	if len(args) != 1 {
		return no
	}
	i := strings.Index(args[0], "destination:")
	if i < 0 {
		return no
	}
	expr := until(args[0], i+len("destination:"))
	if k := strings.Index(expr, "(null,"); k >= 0 {
		expr = until(expr, k+len("(null,"))
	}
	return o.folder(expr)
}

// filenameKey: { type: 'file', filename: 'logs/app.log' } of a logger; multer's is a
// function, and that of a bundler is no log.
func filenameKey(o occurrence) verdict {
	expr := until(o.text, o.end)
	switch v := o.eval(expr); {
	case strings.HasPrefix(expr, "function") || strings.HasPrefix(expr, "("):
		return harmless
	case strings.Contains(v.text, "/") || v.exact && strings.HasSuffix(v.text, ".log"):
		return o.file(expr)
	}
	return no
}

func fileTransport(o occurrence) verdict {
	args := o.args()
	if len(args) != 1 {
		return no
	}
	name, dir := strings.Index(args[0], "filename:"), strings.Index(args[0], "dirname:")
	if name < 0 || dir >= 0 {
		return no
	}
	return o.file(until(args[0], name+len("filename:")))
}

// nodeSqlite: new sqlite3.Database(path).
func nodeSqlite(o occurrence) verdict {
	rest := o.text[o.end:]
	call := "3.Database("
	switch {
	case o.isImport():
		i := strings.Index(o.text, "new Database(") // better-sqlite3
		if i < 0 {
			return harmless
		}
		return argument(0, occurrence.file)(occurrence{o.reader, i, i + len("new Database(")})
	case strings.HasPrefix(rest, call):
		o.end += len(call)
		return argument(0, occurrence.file)(o)
	case strings.HasPrefix(rest, "3.verbose("), strings.HasPrefix(rest, "3.OPEN_"):
		return harmless
	}
	return no
}
