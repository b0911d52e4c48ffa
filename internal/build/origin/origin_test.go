package origin_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/origin"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// TestFileAndPlaces: what File finds at a path, Places puts there.
func TestFileAndPlaces(t *testing.T) {
	tree := fstest.MapFS{}
	for _, name := range []string{"app.py", "src/a.py", "src/sub/b.py", "bin/run", "hidden", "odd name"} {
		tree[name] = &fstest.MapFile{Data: []byte("x")}
	}
	tree[".dockerignore"] = &fstest.MapFile{Data: []byte("hidden\n")}
	c, err := project.NewContext(tree, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ copies, file, place string }{
		{"COPY . .", "app.py", "/app/app.py"},
		{"COPY . /srv", "src/sub/b.py", "/srv/src/sub/b.py"},
		{"COPY . /", "bin/run", "/bin/run"},
		{"COPY src /srv", "src/a.py", "/srv/a.py"},
		{"COPY src/ ./lib/", "src/sub/b.py", "/app/lib/sub/b.py"},
		{"COPY app.py main.py", "app.py", "/app/main.py"},
		{"COPY app.py src/a.py ./", "src/a.py", "/app/a.py"},
		{"COPY ./bin/run /usr/local/bin/", "bin/run", "/usr/local/bin/run"},
		{"ADD /app.py /srv/", "app.py", "/srv/app.py"},
		{`COPY ["odd name", "/srv/"]`, "odd name", "/srv/odd name"},
		{"COPY --chown=1001 src src", "src/a.py", "/app/src/a.py"},
	} {
		t.Run(x.copies, func(t *testing.T) {
			s := build.New(syntax.Parse(source.New("Dockerfile", "FROM debian\nWORKDIR /app\n"+x.copies+"\n")), build.Options{}).Last()
			if got := origin.File(c, s, nil, x.place); got != x.file {
				t.Errorf("at %s lies %q, want %s", x.place, got, x.file)
			}
			if got := strings.Join(origin.Places(c, s, x.file), " "); got != x.place {
				t.Errorf("%s lies at %q, want %s", x.file, got, x.place)
			}
		})
	}
	for _, x := range []struct{ copies, place string }{
		{"COPY hidden /srv/", "/srv/hidden"},
		{"COPY --from=build app.py /srv/", "/srv/app.py"},
		{"ARG D\nCOPY app.py $D/", "/srv/app.py"},
		{"COPY *.py /srv/", "/srv/app.py"}, // a pattern may match more than one thinks
		{"COPY src /srv", "/srv/app.py"},
	} {
		t.Run(x.copies, func(t *testing.T) {
			s := build.New(syntax.Parse(source.New("Dockerfile", "FROM debian\nWORKDIR /app\n"+x.copies+"\n")), build.Options{}).Last()
			if got := origin.File(c, s, nil, x.place); got != "" {
				t.Errorf("at %s lies %s, want nothing known", x.place, got)
			}
		})
	}
}

// TestThroughStages: a COPY of a stage brings what the stage has of the context.
func TestThroughStages(t *testing.T) {
	tree := fstest.MapFS{}
	for _, name := range []string{"app.py", "src/a.py", "src/sub/b.py"} {
		tree[name] = &fstest.MapFile{Data: []byte("x")}
	}
	c, err := project.NewContext(tree, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ copies, file, place string }{
		{"COPY --from=build /work /srv", "src/a.py", "/srv/src/a.py"},
		{"COPY --from=build /work ./", "app.py", "/app/app.py"},
		{"COPY --from=0 /work/src/ lib/", "src/sub/b.py", "/app/lib/sub/b.py"},
		{"COPY --from=build /work/app.py /usr/local/bin/", "app.py", "/usr/local/bin/app.py"},
		{"COPY --from=build /work/app.py main.py", "app.py", "/app/main.py"},
		{"COPY --from=build / /", "app.py", "/work/app.py"},
	} {
		t.Run(x.copies, func(t *testing.T) {
			s := build.New(syntax.Parse(source.New("Dockerfile", "FROM debian AS build\nWORKDIR /work\nCOPY . .\nFROM debian\nWORKDIR /app\n"+x.copies+"\n")), build.Options{}).Last()
			if got := origin.File(c, s, nil, x.place); got != x.file {
				t.Errorf("at %s lies %q, want %s", x.place, got, x.file)
			}
			if got := strings.Join(origin.Places(c, s, x.file), " "); got != x.place {
				t.Errorf("%s lies at %q, want %s", x.file, got, x.place)
			}
		})
	}
	s := build.New(syntax.Parse(source.New("Dockerfile", "FROM debian AS build\nWORKDIR /work\nCOPY . .\nFROM debian\nCOPY --from=build /elsewhere /app\n")), build.Options{}).Last()
	if got := origin.File(c, s, nil, "/app/app.py"); got != "" {
		t.Errorf("a folder that nothing fills has %s", got)
	}
}

// TestStagesThatDouble: copies that double with every stage come to an end.
func TestStagesThatDouble(t *testing.T) {
	c, err := project.NewContext(fstest.MapFS{"a": {Data: []byte("x")}}, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	text := "FROM debian AS s0\nCOPY . /\n"
	for i := range 60 {
		text += fmt.Sprintf("FROM debian AS s%d\nCOPY --from=s%d / /\nCOPY --from=s%d / /x\nCOPY --from=s%d /x /\n", i+1, i, i, i)
	}
	s := build.New(syntax.Parse(source.New("Dockerfile", text)), build.Options{}).Last()
	origin.File(c, s, nil, "/x/x/b")
	origin.Places(c, s, "a")
}

// TestProgram: a program is found by its path and in PATH, the last COPY's.
func TestProgram(t *testing.T) {
	tree := fstest.MapFS{"run": {Data: []byte("x")}, "other/run": {Data: []byte("y")}}
	c, err := project.NewContext(tree, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	s := build.New(syntax.Parse(source.New("Dockerfile", "FROM debian\nWORKDIR /app\nCOPY run .\nCOPY run /usr/bin/\nCOPY other/run .\n")), build.Options{}).Last()
	for program, want := range map[string]string{"./run": "other/run", "/app/run": "other/run", "run": "run", "../app/run": "other/run", "/run": "", "walk": ""} {
		if got := origin.Program(c, s, nil, "/app", program); got != want {
			t.Errorf("%s is %q, want %q", program, got, want)
		}
	}
	if got := origin.Program(c, s, s.Instructions[3], "/app", "./run"); got != "run" {
		t.Errorf("before the last COPY ./run is %q, want run", got)
	}
}

// TestBrought: what a COPY may bring is never left out.
func TestBrought(t *testing.T) {
	c, err := project.NewContext(fstest.MapFS{"app.py": {}, "src/a.py": {}, "src/sub/b.py": {}}, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for copies, want := range map[string]string{
		"COPY . .":                   "app.py src/a.py src/sub/b.py",
		"COPY src /srv":              "src/a.py src/sub/b.py",
		"COPY *.py /srv/":            "app.py",
		"COPY s* /srv/":              "src/a.py src/sub/b.py",
		"COPY src/*/ /srv/":          "src/a.py src/sub/b.py",
		"ARG X\nCOPY $X /srv/":       "app.py src/a.py src/sub/b.py",
		"COPY requirements.txt .":    "",
		"COPY --from=x app.py .":     "",
		"FROM b\nCOPY app.py /build": "app.py",
	} {
		m := build.New(syntax.Parse(source.New("Dockerfile", "FROM a\nWORKDIR /app\n"+copies+"\n")), build.Options{})
		var got []string
		for _, file := range []string{"app.py", "src/a.py", "src/sub/b.py"} {
			if origin.Brought(c, m, file) {
				got = append(got, file)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q brings %q, want %q", copies, got, want)
		}
	}
}
