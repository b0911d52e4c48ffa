package verify

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
	"github.com/drydock-dev/drydock/internal/verify/elf"
	"github.com/drydock-dev/drydock/internal/verify/image"
)

type imageConfig = dockerspec.DockerOCIImageConfig

// maxShown is how many findings of one kind are told one by one.
const maxShown = 20

// files tells of files that the Dockerfile brought into the image and that are
// gone. Those of its base and of system packages are the packages' business:
// what of them is needed the libraries, the imports and the start tell.
func (c *comparison) files() {
	before, after := c.before.image, c.after.image
	base, copied := baseLayers(before, c.bases.before.Config), copiedLayers(before)
	if base < 0 {
		// The builder does not tell the layers apart: the files of one base image are in
		// both, and those of two cannot be told from what was lost.
		if c.unseenFiles = !c.bases.same; c.unseenFiles {
			return
		}
		copied = nil
	}
	owners := before.Owners()
	left, dropped := c.leftBehind(), c.droppedLayers()
	moved := moves(after)
	var lost []string
	for name, f := range before.Files {
		if f.Layer < base || dropped[f.Layer] || !f.Mode.IsRegular() || owners[name] != "" || isJunk(name) || isSetupResidue(before, name) {
			continue
		}
		if isSystem(name) && !copied[f.Layer] {
			continue // written by a package or its scripts
		}
		if _, ok := after.Resolve(name); ok || moved[movable(name)] || slices.ContainsFunc(left, func(dir string) bool { return within(name, dir) }) {
			continue
		}
		lost = append(lost, name)
	}
	slices.Sort(lost)
	told := len(c.found)
	for _, name := range lost {
		f := before.Files[name]
		if len(c.found)-told == maxShown {
			c.find(CheckFiles, name, "%d more files are lost", len(lost)-maxShown)
			return
		}
		c.find(CheckFiles, name, "%s is lost (%d bytes, of %d:%d)", name, f.Size, f.UID, f.GID)
	}
}

// baseLayers is how many of the first layers come from the base, -1 if the image
// has lost its layers.
func baseLayers(i *image.Image, base image.Config) int {
	all, known := i.Config.RootFS.DiffIDs, base.RootFS.DiffIDs
	if i.Flat || len(all) != len(i.Layers) {
		return -1
	}
	if len(known) <= len(all) && slices.Equal(known, all[:len(known)]) {
		return len(known)
	}
	return 0
}

// copiedLayers are the layers that a COPY or ADD made.
func copiedLayers(i *image.Image) map[int]bool {
	all := map[int]bool{}
	n := 0
	for _, h := range i.Config.History {
		if h.EmptyLayer {
			continue
		}
		all[n] = strings.HasPrefix(h.CreatedBy, "COPY ") || strings.HasPrefix(h.CreatedBy, "ADD ")
		n++
	}
	return all
}

// leftBehind are the folders whose content the fixes declare not to reach the
// image: the destinations of the COPY instructions that they drop, and what npm
// installs for the whole image by commands that they drop.
func (c *comparison) leftBehind() []string {
	var dirs []string
	model := build.New(syntax.Parse(source.New("Dockerfile", c.rewrite.Before)), build.Options{Targets: c.options.Targets})
	for _, s := range model.Stages {
		for _, inst := range s.Instructions {
			dirs = append(dirs, c.droppedTools(s, inst)...)
			copy, ok := s.CopyOf(inst)
			if !ok || copy.Dest == "" {
				continue
			}
			for _, src := range copy.Sources {
				if c.declared(fix.DropCopy, src.Word.Text) {
					dirs = append(dirs, c.folderOf(path.Clean(copy.Dest)))
				}
			}
		}
	}
	return dirs
}

// folderOf is the folder that a COPY filled, in which the build leaves what it makes of
// the source: the destination itself, or the application's folder where that is a
// file's own name.
//
//	COPY pom.xml /code/pom.xml  =>  /code
func (c *comparison) folderOf(dest string) string {
	dir := path.Dir(dest)
	if f := c.before.image.At(dest); f == nil || !f.Mode.IsRegular() || dir == "/" || path.Base(dir) == "bin" || within(dest, "/usr/local") || isSystem(dest) {
		return dest
	}
	return dir
}

// droppedTools are the folders of the programs that a RUN installs by npm for the
// whole image and that the fixes drop.
// Source: https://docs.npmjs.com/cli/v11/configuring-npm/folders, with the prefix of
// the official images.
func (c *comparison) droppedTools(s *build.Stage, inst *syntax.Instruction) []string {
	if inst.Name != "RUN" {
		return nil
	}
	var dirs []string
	for _, cmd := range s.Script(inst).Commands {
		inv, ok := pkgmgr.Recognise(cmd)
		if !ok || inv.Manager.Name != "npm" || !inv.HasFlag("-g", "--global") || !c.declared(fix.DropCommand, oneLine(cmd.Text())) {
			continue
		}
		for _, w := range inv.Packages() {
			dirs = append(dirs, path.Join("/usr/local/lib/node_modules", pkgmgr.Name(w.Value)))
		}
	}
	return dirs
}

// droppedLayers are the layers of RUN instructions that install a package manager by
// pip, such as poetry, and that the fixes drop. What the application needs of the same
// packages the imports look for.
func (c *comparison) droppedLayers() map[int]bool {
	i := c.before.image
	if i.Flat {
		return nil
	}
	dropped := map[string]bool{}
	for _, s := range read(c.rewrite.Before, c.options.Targets).Stages {
		for _, inst := range s.Instructions {
			if inst.Name == "RUN" && c.dropsInstallers(s, inst) {
				dropped[oneLine(inst.Args.Text)] = true
			}
		}
	}
	all := map[int]bool{}
	n := 0
	for _, h := range i.Config.History {
		if h.EmptyLayer {
			continue
		}
		text, ok := strings.CutPrefix(strings.TrimSuffix(h.CreatedBy, " # buildkit"), "RUN /bin/sh -c ")
		all[n] = ok && dropped[oneLine(text)]
		n++
	}
	return all
}

// dropsInstallers reports whether the fixes drop all of a RUN, which installs package
// managers and nothing else.
func (c *comparison) dropsInstallers(s *build.Stage, run *syntax.Instruction) bool {
	commands := s.Script(run).Commands
	for _, cmd := range commands {
		inv, ok := pkgmgr.Recognise(cmd)
		if !ok || inv.Manager.Name != "pip" || inv.HasFlag("-r", "--requirement") || !c.declared(fix.DropCommand, oneLine(cmd.Text())) {
			return false
		}
		for _, w := range inv.Packages() {
			if pkgmgr.ByName(pkgmgr.Name(w.Value)) == nil {
				return false
			}
		}
	}
	return len(commands) > 0
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// movable is what stays of a path when dependencies move: a file of a Python
// installation is known by its place in site-packages, a program by its name.
// It is "" for what does not move.
func movable(name string) string {
	for _, dir := range []string{"/site-packages/", "/dist-packages/"} {
		if i := strings.LastIndex(name, dir); i >= 0 {
			return "python:" + name[i+len(dir):]
		}
	}
	if path.Base(path.Dir(name)) == "bin" {
		return "bin:" + path.Base(name)
	}
	return pythonData(name, "/usr/local")
}

// pythonData is what stays of the path of a file that a Python distribution puts below
// the prefix of the interpreter, outside of its modules, and "" for any other.
func pythonData(name, prefix string) string {
	rest, below := strings.CutPrefix(name, prefix+"/")
	if below && (strings.HasPrefix(rest, "share/") || strings.HasPrefix(rest, "etc/")) {
		return "data:" + rest
	}
	return ""
}

func moves(i *image.Image) map[string]bool {
	all := map[string]bool{}
	var environments []string
	for name := range i.Files {
		all[movable(name)] = true
		if path.Base(name) == "pyvenv.cfg" {
			environments = append(environments, path.Dir(name))
		}
	}
	for name := range i.Files {
		for _, dir := range environments {
			all[pythonData(name, dir)] = true
		}
	}
	delete(all, "")
	return all
}

// isJunk reports whether nobody misses a file: caches, lists, logs, compiled
// Python, temporary files.
func isJunk(name string) bool {
	for _, dir := range []string{"/tmp/", "/var/tmp/", "/var/cache/", "/var/log/", "/var/lib/apt/", "/var/lib/dpkg/", "/run/", "/var/backups/", "/proc/", "/sys/", "/dev/"} {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	for _, part := range []string{"/__pycache__/", "/.cache/", "/.npm/", "/.bundle/cache/", "/go/pkg/mod/", "/go/pkg/sumdb/", "/go/pkg/linux_", "/.cargo/registry/", "/cargo/registry/", "/cargo/.crates", "/cargo/.package-cache", "/cargo/.global-cache", "/.yarn/install-state.gz"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	switch path.Base(name) {
	case "Dockerfile", ".dockerignore":
		return true
	case "package-lock.json", "yarn.lock": // an install writes it where there is none, and only another reads it
		return true
	}
	// Headers, which compilers read; a virtual environment has them elsewhere.
	if strings.HasPrefix(name, "/usr/local/include/") {
		return true
	}
	// What pip notes about a distribution; whether it loads the imports tell.
	if strings.Contains(name, ".dist-info/") || strings.Contains(name, ".egg-info") {
		return true
	}
	return path.Ext(name) == ".pyc" || strings.HasPrefix(path.Base(name), ".pip-")
}

// isSetupResidue reports whether a file was left by setuptools where it put a package
// together, beside the project that says how.
func isSetupResidue(i *image.Image, name string) bool {
	for _, part := range []string{"/build/lib/", "/build/lib.", "/build/bdist.", "/build/temp.", "/build/scripts-", "/dist/"} {
		project, rest, found := strings.Cut(name, part)
		if !found || part == "/dist/" && !slices.Contains([]string{".egg", ".whl", ".gz"}, path.Ext(rest)) {
			continue
		}
		for _, how := range []string{"setup.py", "pyproject.toml", "setup.cfg"} {
			if i.At(path.Join(project, how)) != nil {
				return true
			}
		}
	}
	return false
}

// isSystem reports whether a path is where packages of the system put files.
func isSystem(name string) bool {
	for _, dir := range []string{"/usr/local/", "/usr/src/", "/var/www/"} {
		if strings.HasPrefix(name, dir) {
			return false
		}
	}
	for _, dir := range []string{"/usr/", "/lib/", "/lib64/", "/bin/", "/sbin/", "/etc/", "/var/", "/root/."} {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	return false
}

func within(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

// libraries tells of ELF files that lack what they need, where the image as it
// was had it. What dpkg installed lacks nothing that its package depends on: what is
// missing there is for a plug-in, and only recommended
// (https://www.debian.org/doc/debian-policy/ch-relationships.html, 7.2).
func (c *comparison) libraries() {
	was := map[string]bool{}
	for _, m := range missing(c.before.image) {
		was[path.Base(m.Object)+" "+m.Name] = true
	}
	owners := c.after.image.Owners()
	n := 0
	for _, m := range missing(c.after.image) {
		if was[path.Base(m.Object)+" "+m.Name] || m.Libc == "" && owners[m.Object] != "" {
			continue
		}
		if n++; n > maxShown {
			return
		}
		switch {
		case m.Libc != "":
			c.find(CheckLibraries, m.Object, "%s is made for %s, which the image does not have: %s is missing", m.Object, m.Libc, m.Name)
		default:
			c.find(CheckLibraries, m.Object, "%s needs %s, which is missing", m.Object, m.Name)
		}
	}
}

// missing lists what the ELF files of an image lack, by path.
func missing(i *image.Image) []elf.Missing {
	var all []elf.Missing
	for name, f := range i.Files {
		if f.Object == nil {
			continue
		}
		lacks, _ := elf.Check(i, name, f.Object)
		all = append(all, lacks...)
	}
	slices.SortFunc(all, func(a, b elf.Missing) int { return strings.Compare(a.Object+" "+a.Name, b.Object+" "+b.Name) })
	return all
}

// scripts tells of scripts whose interpreter is missing, where the image as it
// was had it. Those of the base image are as its makers ship them: its standard
// library has some for an interpreter that only a fuller image of the family has. Those
// of packages are as with libraries.
func (c *comparison) scripts() {
	broken := func(i *image.Image, f *image.File) bool {
		if f.Interpreter == "" || f.Mode&fs.ModeType != 0 {
			return false
		}
		_, ok := i.Resolve(f.Interpreter)
		return !ok
	}
	was := map[string]bool{}
	for name, f := range c.before.image.Files {
		if broken(c.before.image, f) {
			was[path.Base(name)+f.Interpreter] = true
		}
	}
	owners := c.after.image.Owners()
	base := baseLayers(c.after.image, c.bases.after.Config)
	n := 0
	for _, name := range keys(c.after.image.Files) {
		f := c.after.image.Files[name]
		if f.Layer < base || owners[name] != "" || !broken(c.after.image, f) || was[path.Base(name)+f.Interpreter] {
			continue
		}
		if n++; n > maxShown {
			return
		}
		c.find(CheckScripts, name, "%s is run by %s, which is missing", name, fmt.Sprintf("%.200s", f.Interpreter))
	}
}
