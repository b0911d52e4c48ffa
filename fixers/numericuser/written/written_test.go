package written

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-dev/drydock/internal/project"
)

// found reads one source in /app: the rooms, "-" for none, or "no" with the reason.
func found(t *testing.T, name, text string) string {
	t.Helper()
	c, err := project.NewContext(fstest.MapFS{name: {Data: []byte(text)}}, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	image := Image{Workdir: "/app", Env: map[string]string{"DATA_DIR": "/data"}, Places: func(file string) []string { return []string{"/app/" + file} }, Brought: func(string) bool { return true }}
	got, reason := Read(c, image, []string{".py", ".js", ".rb"})
	if reason != "" {
		return "no"
	}
	var rooms []string
	for _, r := range got.Rooms {
		if r.File != "" {
			rooms = append(rooms, r.File)
			continue
		}
		rooms = append(rooms, r.Dir+"/")
	}
	if len(rooms) == 0 {
		return "-"
	}
	return strings.Join(rooms, " ")
}

func TestPython(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// Reading needs no room.
		{`open("a.txt")`, "-"},
		{`open(name, "rb")`, "-"},
		{`open(name, mode="r", encoding="utf-8")`, "-"},
		{`Path(name).open()`, "-"},
		{`urlopen(url)`, "-"},
		{`Image.open(f)`, "-"},
		{"# open(name, 'w')", "-"},
		{`json.dump(x, f)`, "-"},
		{`form.save(commit=False); thing.save()`, "-"},
		{`sqlite3.connect(":memory:")`, "-"},
		{`create_engine("sqlite://")`, "-"},
		{`logging.basicConfig(level=logging.INFO)`, "-"},
		{`accesslog = "-"`, "-"},
		{`open("/tmp/x", "w")`, "-"},
		{`url_for("static", filename=name)`, "-"},

		// Paths that the source says.
		{`open("data/a.json", "w")`, "/app/data/a.json"},
		{`open("a.json", "a")`, "/app/a.json"},
		{`open("/var/lib/app/a.json", mode="w")`, "/var/lib/app/a.json"},
		{`open(os.path.join("logs", name), "w")`, "/app/logs/"},
		{`open("logs/" + name + ".txt", "w")`, "/app/logs/"},
		{`open(f"logs/{name}.txt", "w")`, "/app/logs/"},
		{`open(f"logs/x-{name}.txt", "w")`, "/app/logs/"},
		{"LOGS = 'logs'\nopen(f\"{LOGS}/{name}\", 'w')", "/app/logs/"},
		{"BASE = Path(__file__).resolve().parent\nOUT = BASE / 'out'\n(OUT / name).write_text(x)", "/app/out/"},
		{"BASE = os.path.abspath(os.path.dirname(__file__))\nopen(os.path.join(BASE, 'x', 'y'), 'w')", "/app/x/y"},
		{`os.makedirs("uploads", exist_ok=True)`, "/app/uploads/"},
		{`Path("uploads").mkdir(parents=True)`, "/app/uploads/"},
		{"UPLOAD_FOLDER = 'uploads'\napp.config['UPLOAD_FOLDER'] = UPLOAD_FOLDER\nf.save(os.path.join(app.config['UPLOAD_FOLDER'], secure_filename(f.filename)))", "/app/uploads/"},
		{`app.config["UPLOAD_FOLDER"] = "/srv/up"`, "/srv/up/"},
		{`app.config.update(UPLOAD_FOLDER="/srv/up", DEBUG=False)`, "/srv/up/"},
		{"path = os.path.join('up', f.filename)\nf.save(path)", "/app/up/"},
		{`MEDIA_ROOT = os.path.join(BASE_DIR, "media")` + "\nBASE_DIR = Path(__file__).parent", "/app/media/"},
		{`handler = RotatingFileHandler("/var/log/app/app.log", maxBytes=1)`, "/var/log/app/app.log"},
		{`{"class": "logging.FileHandler", "filename": "logs/a.log"}`, "/app/logs/a.log"},
		{`logging.basicConfig(filename="logs/a.log")`, "/app/logs/a.log"},
		{`create_engine("sqlite:///app.db")`, "/app/app.db"},
		{`create_engine("sqlite+aiosqlite:////data/app.db?x=1")`, "/data/app.db"},
		{`sqlite3.connect("data/app.db")`, "/app/data/app.db"},
		{"import sqlite3\nDB = 'app.db'\ndb = sqlite3.connect(DB, timeout=3)\ndb.row_factory = sqlite3.Row", "/app/app.db"},
		{"BASE_DIR = Path(__file__).parent\nDATABASES = {\n 'default': {\n  'ENGINE': 'django.db.backends.sqlite3',\n  'NAME': BASE_DIR / 'db.sqlite3',\n }\n}\nV = [{'NAME': 'a.b'}]", "/app/db.sqlite3"},
		{"'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'x'", "no"},
		{"{'ENGINE': os.getenv('E', 'django.db.backends.sqlite3'), 'NAME': os.getenv('N', 'x')}", "no"},
		{`DATA = os.environ["DATA_DIR"]` + "\nopen(DATA + '/x', 'w')", "/data/x"},
		{`open(os.path.join(os.getenv("DATA_DIR", "x"), name), "w")`, "/data/"},
		{`df.to_csv("out/a.csv")`, "/app/out/a.csv"},
		{`shutil.copy(a, "out/b")`, "/app/out/b"},

		{`logger.add(sys.stderr)`, "-"},
		{`logger.add("logs/app.log", rotation="1 day")`, "/app/logs/app.log"},
		{`SQLALCHEMY_DATABASE_URI = "sqlite:////data/app.db"`, "/data/app.db"},

		// What the source does not say.
		{`SQLALCHEMY_DATABASE_URI = "sqlite:///app.db"`, "no"},
		{`SESSION_TYPE = "filesystem"`, "no"},
		{`os.chdir("x")`, "no"},
		{`open(name, "w")`, "no"},
		{`open(name, mode)`, "no"},
		{`open(*args)`, "-"},
		{`open(sys.argv[1], "w")`, "no"},
		{`open(os.getenv("OUT", "out") + "/x", "w")`, "no"},
		{`open(os.path.join(base, "x"), "w")`, "no"},
		{"def f(path):\n    open(path, 'w')\npath = 'x'", "no"},
		{"for path in ['x']:\n    open(path, 'w')", "no"},
		{"path, x = f()\nopen(path, 'w')\npath = 'x'", "no"},
		{"OUT = 'a'\nOUT = 'b'\nopen(OUT, 'w')", "no"},
		{"OUT = 'a'\nOUT += x\nopen(OUT, 'w')", "no"},
		{`open("%s/x" % d, "w")`, "no"},
		{`open("{}/x".format(d), "w")`, "no"},
		{`open("~/x", "w")`, "no"},
		{`open("/x", "w")`, "no"}, // the root folder
		{`img.save(buffer, "PNG")`, "no"},
		{`f.save(os.path.join(folder, name))`, "no"},
		{`create_engine(f"sqlite:///{name}")`, "no"},
		{`url = "sqlite:///" + path`, "no"},
		{`subprocess.run(["ls"])`, "no"},
		{`os.open(p, os.O_WRONLY)`, "no"},
		{`docker.from_env()`, "no"},
		{`app.run(port=80)`, "no"},
		{`app.run(port=8080)`, "-"},
		{`DailyFileHandler = "x"`, "no"},
	} {
		if got := found(t, "app.py", c.text+"\n"); got != c.want {
			t.Errorf("%s\n\tgives %s, want %s", c.text, got, c.want)
		}
	}
}

func TestJavaScript(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`fs.readFileSync('a')`, "-"},
		{`const { writeFile, mkdir } = require('fs')`, "-"},
		{`const multer = require('multer')`, "-"},
		{`multer({ storage: multer.memoryStorage() })`, "-"},
		{`// fs.writeFileSync(name)`, "-"},

		{`fs.writeFileSync('data/a.json', x)`, "/app/data/a.json"},
		{`await fs.promises.writeFile(path.join(__dirname, 'data', name), x)`, "/app/data/"},
		{"fs.appendFile(`logs/${day}.log`, x, done)", "/app/logs/"},
		{"const dir = path.join(process.cwd(), 'up')\nfs.mkdirSync(dir, { recursive: true })", "/app/up/"},
		{`const upload = multer({ dest: 'uploads/' })`, "/app/uploads/"},
		{`multer.diskStorage({ destination: './up', filename: (req, file, cb) => cb(null, file.originalname) })`, "/app/up/"},
		{`multer.diskStorage({ destination: function (req, file, cb) { cb(null, 'up') } })`, "/app/up/"},
		{`new winston.transports.File({ filename: 'logs/error.log', level: 'error' })`, "/app/logs/error.log"},
		{`new sqlite3.Database('./db/app.db')`, "/app/db/app.db"},
		{"const Database = require('better-sqlite3')\nconst db = new Database('app.db')", "/app/app.db"},
		{"const DIR = process.env.DATA_DIR\nfs.writeFileSync(DIR + '/x', y)", "/data/x"},

		{`log4js.configure({ appenders: { f: { type: 'file', filename: 'logs/a.log' } } })`, "/app/logs/a.log"},

		{`output: { filename: 'bundle.js' }`, "no"},
		{`fs.writeFile(name, x)`, "no"},
		{"function f(name) {\n  fs.writeFile(name, x)\n}\nconst name = 'a/b'", "no"},
		{"const f = (dir) => fs.mkdirSync(dir)\nconst dir = 'a'", "no"},
		{`fs.writeFile(process.env.OUT + '/x', y)`, "no"},
		{`fs.writeFile(process.env.OUT || 'out', y)`, "no"},
		{`require('child_process').exec('ls')`, "no"},
		{`multer({ dest: os.tmpdir() })`, "no"},
		{`{ dialect: 'sqlite', storage: file }`, "no"},
		{`server.listen(80)`, "no"},
		{`server.listen(8080)`, "-"},
	} {
		if got := found(t, "app.js", c.text+"\n"); got != c.want {
			t.Errorf("%s\n\tgives %s, want %s", c.text, got, c.want)
		}
	}
}

func TestRuby(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`File.open("a")`, "-"},
		{`File.open(name, "rb") { |f| f.read }`, "-"},
		{`config.logger = ActiveSupport::Logger.new(STDOUT)`, "-"},
		{`logger = Logger.new($stdout)`, "-"},
		{`pidfile ENV.fetch("PIDFILE") { "tmp/pids/server.pid" }`, "/app/tmp/pids/"},
		{`File.write("data/a.json", x)`, "/app/data/a.json"},
		{`File.open(Rails.root.join("data", name), "w")`, "/app/data/"},
		{`FileUtils.mkdir_p("up/#{x}")`, "no"},
		{`FileUtils.mkdir_p("up")`, "/app/up/"},
		{`Logger.new("log/a.log")`, "/app/log/a.log"},

		{`File.open(name, "w")`, "no"},
		{`File.open "a", "w"`, "no"},
		{`File.write "a", x`, "no"},
		{"include FileUtils", "no"},
		{`File.open(name, mode)`, "no"},
		{`FileUtils.rm_rf(x)`, "no"},
		{`mount_uploader :avatar, AvatarUploader`, "no"},
		{`pidfile "/run/puma.pid"`, "no"},
		{`system("ls")`, "no"},
		{`adapter: "sqlite3"`, "no"},
	} {
		if got := found(t, "app.rb", c.text+"\n"); got != c.want {
			t.Errorf("%s\n\tgives %s, want %s", c.text, got, c.want)
		}
	}
}

// FuzzRead: no source makes the reading fail, and no room lies outside.
func FuzzRead(f *testing.F) {
	f.Add("open(f'{A}/{b}', 'w')\nA = (Path(__file__).parent / \"x\")\n")
	f.Add("config['A'] = `${x}/${'y'}`; (((")
	f.Add("sqlite:///'\"sqlite:///")
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"a.py", "a.js", "a.rb"} {
			c, err := project.NewContext(fstest.MapFS{name: {Data: []byte(text)}}, "Dockerfile")
			if err != nil {
				t.Fatal(err)
			}
			got, _ := Read(c, Image{Workdir: "/app", Places: func(string) []string { return nil }, Brought: func(string) bool { return true }}, []string{".py", ".js", ".rb"})
			for _, r := range got.Rooms {
				if !strings.HasPrefix(r.Dir, "/") || r.Dir == "/" {
					t.Errorf("a room %q", r.Dir)
				}
			}
		}
	})
}
