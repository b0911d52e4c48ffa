package dependencycopy

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/project"
)

// pythonAhead makes "pip install ." a second install, behind one of what the project
// depends on:
//
//	COPY pyproject.toml ./
//	RUN python -c "import tomllib; print(...)" | pip install -r /dev/stdin
//
// pip itself reads no dependencies without building the project, for which an empty
// one would have to stand in; uv takes pyproject.toml for a list. Only where the
// list is in pyproject.toml is it what the build would find there.
func (c call) pythonAhead(in *install, inv pkgmgr.Invocation) {
	if c.context() == nil || len(c.cmd.Assigns) > 0 || inv.HasFlag(notAhead...) {
		return
	}
	extras, ok := projectOperand(inv)
	if !ok || in.at.image != workdirAt(c.stage, c.run) {
		return
	}
	reads, ok := project.PythonDependencies(c.context(), in.at.source, extras)
	if !ok || !reads.Complete() {
		return
	}
	if _, ok := c.layout.delivered(in.at, path.Join(in.at.source, "pyproject.toml")); !ok {
		return
	}
	var command string
	switch {
	case inv.Manager.Name == "uv":
		command = c.withoutOperands(inv) + " -r pyproject.toml"
		for _, extra := range extras {
			command += " --extra " + extra
		}
	case readsTOML(c.stage.Bottom().Ref):
		command = listsDependencies(extras) + " | " + c.withoutOperands(inv) + " -r /dev/stdin"
	default:
		return
	}
	in.reads = reads
	in.reads.ReadsSource = "it installs the project itself"
	in.ahead = []string{command}
	in.does = in.program + " of what pyproject.toml depends on"
}

// notAhead are options with which a first install is none of the same, reads files of
// the context, or is not seen by the second (pip install --help).
var notAhead = []string{
	"-r", "--requirement", "--requirements", "-c", "--constraint", "--constraints", "-e", "--editable", "--no-deps",
	"-f", "--find-links", "--no-index", "--require-hashes", "--prefix", "-t", "--target", "--root", "--config-settings", "--dry-run", "--ignore-installed", "-I", "--force-reinstall",
}

var operand = regexp.MustCompile(`^\./?(?:\[([A-Za-z0-9._,-]+)\])?$`)

// projectOperand reports whether an install is of the project in its folder and
// nothing else, and of which extras.
func projectOperand(inv pkgmgr.Invocation) (extras []string, ok bool) {
	packages := inv.Packages()
	if len(packages) != 1 {
		return nil, false
	}
	m := operand.FindStringSubmatch(strings.Trim(packages[0].Raw, `'"`))
	if m == nil {
		return nil, false
	}
	if m[1] != "" {
		extras = strings.Split(m[1], ",")
	}
	return extras, true
}

// withoutOperands is the command as written without what it installs.
func (c call) withoutOperands(inv pkgmgr.Invocation) string {
	var words []string
	for i, w := range inv.Command.Words {
		if !slices.Contains(inv.Operands, i) {
			words = append(words, w.Raw)
		}
	}
	return strings.Join(words, " ")
}

// listsDependencies is a command that writes the dependencies, one a line.
func listsDependencies(extras []string) string {
	if len(extras) == 0 {
		return `python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')"`
	}
	list := "*p['dependencies']"
	for _, extra := range extras {
		list += fmt.Sprintf(", *p['optional-dependencies']['%s']", extra)
	}
	return `python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; print(` + list + `, sep='\n')"`
}

var pythonTag = regexp.MustCompile(`^3\.([0-9]+)`)

// readsTOML reports whether an image's Python has tomllib, which came with 3.11.
func readsTOML(image string) bool {
	ref := facts.ParseRef(image)
	m := pythonTag.FindStringSubmatch(ref.Tag)
	if ref.Repository != "python" || m == nil {
		return false
	}
	minor, err := strconv.Atoi(m[1])
	return err == nil && minor >= 11
}
