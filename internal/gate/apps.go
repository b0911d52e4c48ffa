package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/report"
)

// An app is one Dockerfile of a repository of apps.tar.gz, with what is known of
// the repository: all of its paths, and the texts of some.
type app struct {
	name       string // <owner>__<repo>
	dockerfile string // in the repository
	contextDir string // in the repository
	paths      []string
	texts      map[string]string
}

// readApps reads apps.tar.gz, sorted by name and Dockerfile.
func readApps(dir string) ([]app, error) {
	files := map[string]map[string]string{}
	err := walkArchive(filepath.Join(dir, "apps.tar.gz"), func(name, text string) {
		repo, rest, _ := strings.Cut(strings.TrimPrefix(path.Clean(name), "apps/"), "/")
		if files[repo] == nil {
			files[repo] = map[string]string{}
		}
		files[repo][rest] = text
	})
	if err != nil {
		return nil, err
	}
	var all []app
	for repo, texts := range files {
		var meta struct {
			Dockerfiles []struct{ Path, Context string } `json:"dockerfiles"`
		}
		if err := json.Unmarshal([]byte(texts["meta.json"]), &meta); err != nil {
			return nil, fmt.Errorf("%s/meta.json: %w", repo, err)
		}
		for _, d := range meta.Dockerfiles {
			all = append(all, app{repo, d.Path, path.Clean(d.Context), strings.Split(texts["paths.txt"], "\n"), texts})
		}
	}
	slices.SortFunc(all, func(a, b app) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.dockerfile, b.dockerfile))
	})
	return all, nil
}

func (a app) text() string { return a.texts["ctx/"+a.dockerfile] }

// sources are the endings of files whose text was not kept and that count as empty:
// a source that names nothing. In the repository itself they can be read.
var sources = []string{".py", ".rb", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".vue", ".go", ".java", ".kt", ".rs", ".c", ".h", ".php"}

// emptySources makes the sources of a repository empty, for their texts to be there.
func emptySources(texts fstest.MapFS, paths []string) {
	for _, p := range paths {
		if slices.Contains(sources, path.Ext(p)) || path.Base(p) == ".dockerignore" {
			texts[p] = &fstest.MapFile{Mode: 0o644}
		}
	}
}

// context is the build context that drydock infers from the repository.
func (a app) context() (*project.Context, error) {
	texts := fstest.MapFS{}
	emptySources(texts, a.paths)
	for name, text := range a.texts {
		if name, ok := strings.CutPrefix(name, "ctx/"); ok {
			texts[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		}
	}
	r := project.NewRepository(project.PathList(a.paths, texts))
	dir := r.Infer(a.dockerfile, copySources(a.text())).ContextDir
	if dir == "" {
		dir = a.contextDir
	}
	return r.Context(dir, a.dockerfile)
}

// unprofitable says why a second stage would be of no use to an image, whatever a
// fixer can do; "" where it would leave something behind.
func unprofitable(text string) string {
	m := model(text)
	s := m.Last()
	if s == nil || len(m.Stages) > 1 {
		return "it has no stage, or several"
	}
	start := command(m)
	for _, w := range strings.Fields(start) {
		if slices.Contains(ofDevelopment, strings.Trim(w, `"`)) {
			return "it starts " + w + ", which is for development"
		}
	}
	switch last := path.Base(strings.TrimPrefix(start, "CMD ")); {
	case start == "":
		return "nothing says what runs in it"
	case !strings.Contains(start, " / ") && (last == "sh" || last == "bash"):
		return "it starts a shell"
	case s.Last("ONBUILD") != nil:
		return "it is a base for others"
	}
	return slimAlready(s)
}

// ofDevelopment are words of commands that build, watch or reload when they run.
var ofDevelopment = []string{"dev", "start:dev", "nodemon", "watch", "--reload", "--inspect", "test", "air", "db:dev:migrate", "go"}

// building are commands that build an application from its source, and installing
// those that install its dependencies.
var (
	building = [][]string{
		{"go", "build"}, {"go", "install"}, {"cargo", "build"}, {"cargo", "install"}, {"mvn"}, {"./mvnw"}, {"gradle"}, {"./gradlew"}, {"dotnet", "publish"},
		{"npm", "run"}, {"yarn", "build"}, {"yarn", "run"}, {"pnpm", "build"}, {"pnpm", "run"}, {"make"}, {"cmake"}, {"tsc"}, {"npx"}, {"su"},
	}
	installing = append(dependencyInstalls, []string{"gem", "install"})
)

// slimAlready says why an image holds nothing that only its build needs, or "": it
// is on a full base, for which there is a slimmer one, it installs packages for
// builds, or it is built from its source.
func slimAlready(s *build.Stage) string {
	slimmer, known := facts.RuntimeImage(s.Ref)
	full := known && slimmer != s.Ref && !s.Image.Slim
	built, packages := false, false
	for _, inst := range s.Instructions {
		if inst.Name != "RUN" {
			continue
		}
		text := inst.Args.Text
		removed := strings.Contains(text, "apk del") || strings.Contains(text, " purge") || strings.Contains(text, " remove")
		// What a later layer removes stays in the image, and is for the build by
		// the author's own word.
		packages = packages || removed && !strings.Contains(text, "install") && !strings.Contains(text, "apk add")
		for _, words := range commands(text) {
			if begins(words, building) {
				return ""
			}
			built = built || contains(words, installing)
			packages = packages || !removed && installsForBuilds(words)
		}
	}
	switch {
	case !built:
		return "nothing is built or installed in it"
	case !full && !packages:
		return "slim, and nothing in it is for a build alone"
	}
	return ""
}

func begins(words []string, with [][]string) bool {
	return slices.ContainsFunc(with, func(w []string) bool { return len(words) >= len(w) && slices.Equal(words[:len(w)], w) })
}

func contains(words []string, some [][]string) bool {
	for i := range words {
		if begins(words[i:], some) {
			return true
		}
	}
	return false
}

// installsForBuilds reports whether a command installs a compiler or headers.
// Debian's pip recommends both.
func installsForBuilds(words []string) bool {
	i := slices.IndexFunc(words, func(w string) bool { return w == "apk" || w == "apt-get" || w == "apt" })
	return i >= 0 && slices.ContainsFunc(words[i+1:], func(w string) bool {
		recommended := w == "python3-pip" && !slices.Contains(words, "--no-install-recommends")
		return facts.IsBuildOnly(w) || strings.HasSuffix(w, "-dev") || recommended
	})
}

// splitAim is the share to split of the images in which a split pays.
const splitAim = 0.7

// isUnknown reports whether a decline is for a text that was not kept.
func isUnknown(why string) bool { return strings.Contains(why, "the content is not known") }

// copiesWhatIsThere reports whether the context has what the file copies: some
// files are built from folders that a script fills first.
func copiesWhatIsThere(c *project.Context, text string) bool {
	return !slices.ContainsFunc(copySources(text), func(name string) bool { return !c.Has(name) })
}

// apps prints what becomes of every application: split, mended, already fine, or
// declined and why.
func apps(o options, list []fix.Fixer, out io.Writer) error {
	all, err := readApps(o.corpus)
	if err != nil {
		return err
	}
	pays, split, fine, declined, unknown, broken := 0, 0, 0, 0, 0, 0
	for _, a := range all {
		if !strings.Contains(a.name+"/"+a.dockerfile, o.match) {
			continue
		}
		c, err := a.context()
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		in := engine.Input{Name: "Dockerfile", Text: a.text(), Context: c}
		result, err := engine.Run(context.Background(), in, list)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", a.name, a.dockerfile, err)
		}
		in.Text = result.Text
		again, err := engine.Run(context.Background(), in, list)
		if err != nil || again.Text != result.Text {
			broken++
			fmt.Fprintf(out, "SECOND RUN CHANGES IT  %s/%s\n", a.name, a.dockerfile)
		}
		r := rewrite{a.text(), result.Text, result.Outcomes}
		no := unprofitable(a.text())
		if no == "" {
			pays++
		}
		fate, why := "declined", r.why("multistage")
		switch {
		case r.did("multistage"):
			fate, why = "split", r.message("multistage")
			split++
			if no != "" {
				why += " [" + no + "]"
				split--
				fate = "also"
			}
		case no != "":
			fate, why = "fine", no
			fine++
		case isUnknown(why), !copiesWhatIsThere(c, a.text()):
			fate = "unknown"
			unknown++
			pays--
		default:
			declined++
		}
		fmt.Fprintf(out, "%-8s %s/%s: %s\n", fate, a.name, a.dockerfile, why)
		if o.show != "" && fate != "fine" {
			fmt.Fprint(out, report.Diff(a.dockerfile, a.text(), result.Text))
		}
	}
	share, met := float64(split)/float64(max(pays, 1)), "met"
	if share < splitAim {
		met = "MISSED"
	}
	fmt.Fprintf(out, "\n%d Dockerfiles, a split pays in %d: %d split (%.0f%%, aim %.0f%% %s), %d declined; %d fine as they are; %d of which the corpus has too little\n",
		len(all), pays, split, 100*share, 100*splitAim, met, declined, fine, unknown)
	if broken > 0 || share < splitAim {
		return errMissed
	}
	return nil
}
