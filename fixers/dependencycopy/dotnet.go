package dependencycopy

import (
	"path"

	"github.com/drydock-dev/drydock/internal/project"
)

// dotnetValues are the options of dotnet restore that take a value
// (learn.microsoft.com/dotnet/core/tools/dotnet-restore).
var dotnetValues = map[string]bool{
	"-a": true, "--arch": true, "--configfile": true, "--lock-file-path": true, "--os": true, "--packages": true,
	"-r": true, "--runtime": true, "-s": true, "--source": true, "-v": true, "--verbosity": true,
}

// dotnetRestore recognises dotnet restore. dotnet build and publish restore as
// well, and compile: they stay, since a restore of its own takes other options.
func dotnetRestore(c call) (install, bool) {
	name, words := c.cmd.Runs()
	if name != "dotnet" || len(words) == 0 || words[0].Value != "restore" {
		return install{}, false
	}
	target := ""
	for i := 1; i < len(words); i++ {
		value, ok := c.expand(words[i])
		switch {
		case dotnetValues[words[i].Value]:
			i++
		case words[i].IsFlag():
		case !ok:
			return install{}, false
		default:
			target = value
		}
	}
	in := install{program: "dotnet restore", ecosystem: ".net", inTree: true}
	at, ok := c.folder(c.dir)
	if path.IsAbs(target) {
		at, ok = c.folder(path.Dir(target))
		target = path.Base(target)
	}
	if !ok {
		return install{}, false
	}
	in.at = at
	in.reads = project.DotnetRestore(c.context(), at.source, target)
	for _, f := range in.reads.Files {
		if ext := path.Ext(f); ext == ".csproj" || ext == ".fsproj" || ext == ".vbproj" {
			if rel, ok := below(at.source, path.Dir(f)); ok {
				in.writes = append(in.writes, path.Join(rel, "obj"))
			}
		}
	}
	return in, true
}
