package written

import (
	"path"
	"strings"
)

// marks are what in a source of a language without rules says that the program may
// need root: that it writes files of its own, opens a port below 1024, or does what
// only root may. They are coarse on purpose.
var marks = map[string][]string{
	".go": {
		"os.Create", "os.OpenFile", "os.WriteFile", "ioutil.WriteFile", "os.Mkdir", "os.Rename", "os.Remove", "sqlite", "bolt", "badger", "leveldb",
		"exec.Command", "Setuid", "Chown", "lumberjack", "/root", "syscall.", "SaveUploadedFile", "ListenPacket(\"ip", "autocert", "pebble",
	},
	".java": {
		"FileOutputStream", "FileWriter", "Files.write", "Files.create", "Files.copy", "Files.move", "Files.newOutput", "Files.newBuffered",
		"RandomAccessFile", "mkdir", "ProcessBuilder", "Runtime.getRuntime().exec", "jdbc:h2", "jdbc:sqlite", "transferTo", "/root", "PrintWriter(\"",
	},
	".cs": {
		"File.Write", "File.Create", "File.Append", "File.Open", "FileStream", "StreamWriter", "Directory.Create", "Sqlite", "WriteTo.File",
		"Process.Start", "PersistKeysToFileSystem", "/root",
	},
	".rs": {"File::create", "OpenOptions", "fs::write", "create_dir", "sqlite", "Command::new", "setuid", "sled::", "/root", "rocksdb", "rolling::"},
	// Settings of frameworks.
	".xml":        {"FileAppender", "jdbc:h2", "jdbc:sqlite"},
	".properties": {"jdbc:h2:file", "jdbc:h2:.", "jdbc:sqlite", "logging.file", "server.port=80", "server.port=443"},
	".yml":        {"sqlite", "h2:file", "logging.file", "port: 80", "port: 443"},
	".yaml":       {"sqlite", "h2:file", "logging.file", "port: 80", "port: 443"},
	".env":        {"sqlite", "PORT=80", "PORT=443"},
	".ini":        {"sqlite", "FileHandler"},
	".toml":       {"sqlite"},
	".json":       {"dialect\": \"sqlite", "\"next\"", "\"nuxt\"", "http://*:80", "http://+:80"},
}

// sameMarks are extensions that share a list of marks.
var sameMarks = map[string]string{".mjs": ".js", ".cjs": ".js", ".ts": ".js", ".jsx": ".js", ".tsx": ".js", ".kt": ".java", ".ru": ".rb", ".scala": ".java", ".cfg": ".ini"}

// lowPorts are how sources write a port below 1024 that servers commonly open.
var lowPorts = []string{":80\"", ":443\"", ":80'", ":443'", "listen(80", "listen(443", "port=80", "port=443", "PORT = 80", "PORT = 443", "port = 80", "port = 443", "|| 80", "|| 443", "PORT', 80", "PORT\", 80", "set :port, 80"}

// servings are how sources say that they listen on a port.
var servings = []string{
	"app.run(", "uvicorn.run(", "HTTPServer(", "serve_forever(", "run_app(", "run_simple(", "start_server(", ".listen(", "createServer(",
	"ListenAndServe", "net.Listen(", "SpringApplication.run", "ServerSocket(", "grpc.server(", "FastMCP(", "TcpListener::bind",
	"require 'sinatra", "require \"sinatra", "HTTPServer.new(", "TCPServer.new(",
}

// hasMark reports whether text has mark; a port is one only if no digit follows.
func hasMark(text, mark string) bool {
	for rest := text; ; {
		i := strings.Index(rest, mark)
		if i < 0 {
			return false
		}
		rest = rest[i+len(mark):]
		last := mark[len(mark)-1]
		if last < '0' || last > '9' || rest == "" || rest[0] < '0' || rest[0] > '9' {
			return true
		}
	}
}

// isBeside reports whether a file lies beside the program and does not run in the
// image: tests, documentation, the settings of other tools.
func isBeside(name string) bool {
	for _, part := range strings.Split(name, "/") {
		switch part {
		case "test", "tests", "spec", "__tests__", "docs", "examples", ".github", ".circleci", "k8s", "helm", "charts":
			return true
		}
	}
	base := path.Base(name)
	if ext := path.Ext(name); ext == ".yml" || ext == ".yaml" || ext == ".properties" || ext == ".xml" {
		// Of the settings files only those that frameworks find by themselves.
		return !strings.HasPrefix(base, "application") && !strings.HasPrefix(base, "bootstrap") && !strings.HasPrefix(base, "config") && !strings.HasPrefix(base, "log")
	}
	return strings.HasPrefix(base, "test_") || strings.Contains(base, "_test.") || strings.Contains(base, ".test.") ||
		strings.Contains(base, ".spec.") || strings.Contains(base, "compose") || base == "package-lock.json" || base == "setup.py"
}
