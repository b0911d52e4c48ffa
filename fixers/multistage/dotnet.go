package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// dotnet publishes with the SDK, and runs on ASP.NET's image of the same version,
// or on the plain run time if every project is known not to be of the web.
//
// Not placed: "dotnet run" at start. A service whose port the file does not say gets
// the SDK image's: none, unless EXPOSE names the port of ASP.NET's image. Alpine's run
// time gets the ICU that the SDK's image has.
var dotnet = profile{
	name:     ".NET",
	root:     true, // dotnet/dotnet-docker, src/sdk
	builds:   dotnetBuilds,
	tree:     dotnetProducts,
	needs:    dotnetNeeds,
	buildEnv: []string{"NUGET_", "DOTNET_CLI_", "DOTNET_SKIP_", "DOTNET_NOLOGO", "MSBUILDDISABLENODEREUSE"},
}

func dotnetBuilds(pl *plan, at *place, e *effects.Effect) (bool, string) {
	if e.Program != "dotnet" {
		return false, ""
	}
	words := e.Command.Words[e.Command.Program()+1:]
	if len(words) == 0 || words[0].Value != "publish" {
		return true, ""
	}
	for i, w := range words {
		value, ok := w, false
		switch {
		case (w.Value == "-o" || w.Value == "--output") && i+1 < len(words):
			value, ok = words[i+1], true
		case strings.HasPrefix(w.Value, "--output="):
			value, ok = w.After("=")
		}
		if !ok {
			continue
		}
		out, known := pl.valueAt(at, value)
		if !known || e.Dir == "" && !strings.HasPrefix(out, "/") {
			return true, brief(commandText(*e)) + ": where it publishes to comes from " + value.Raw
		}
		e.Writes = append(e.Writes, absolute(out, e.Dir))
		return true, ""
	}
	return true, ""
}

func dotnetProducts(pl *plan) (tree, string) {
	if why := pl.unknownDistribution(); why != "" {
		return tree{}, why
	}
	if why := pl.dotnetImage(); why != "" {
		return tree{}, why
	}
	workdir := pl.stage.WorkdirAt(nil)
	published := ""
	for _, c := range pl.commandsAtStart() {
		for i, w := range c.Words {
			if w.Value == "run" && i > 0 && path.Base(c.Words[i-1].Value) == "dotnet" {
				return tree{}, "the image starts dotnet run, which builds"
			}
			if strings.HasSuffix(w.Value, ".dll") {
				published = path.Dir(absolute(w.Value, workdir))
			}
		}
	}
	if published == "" {
		return tree{}, "CMD and ENTRYPOINT name no program that is published"
	}
	made := pl.products()
	if !slices.ContainsFunc(made, func(m string) bool { return isWithin(published, m) }) {
		if !strings.Contains(published, "/publish") || !isWithinAny(published, pl.roots) {
			return tree{}, "nothing is known to be published to " + published
		}
		made = append(made, published)
	}
	for _, m := range made {
		if isShared(m) || slices.Contains(pl.roots, m) {
			return tree{}, "it publishes into " + m + ", beside the source"
		}
		pl.bring(m, m)
	}
	pl.gained = true
	return tree{}, ""
}

// dotnetImage chooses the runtime image.
func (pl *plan) dotnetImage() string {
	if pl.pass.Context == nil {
		return "the build context is not known, so neither is whether the application is one of the web"
	}
	files, err := pl.pass.Context.Sources(".")
	if err != nil {
		return "the build context cannot be listed"
	}
	web, plain := false, 0
	for _, f := range files {
		if ext := path.Ext(f); ext != ".csproj" && ext != ".fsproj" && ext != ".vbproj" {
			continue
		}
		text, err := pl.pass.Context.Read(f)
		plain++
		web = web || err != nil || strings.Contains(text, "Microsoft.NET.Sdk.Web") || strings.Contains(text, "Microsoft.AspNetCore") || strings.Contains(text, "Microsoft.NET.Sdk.Razor")
	}
	web = web || plain == 0
	beside := facts.DotnetRuntime
	if web {
		beside = facts.ASPNetRuntime
	}
	image, ok := beside(fromWord(pl.stage))
	if !ok {
		return "the runtime image of " + fromWord(pl.stage) + " is not known"
	}
	pl.slim, pl.sameRef = image, false
	if web && !pl.saysPort() {
		return pl.dotnetPort()
	}
	return ""
}

// dotnetPort keeps a service that says no port where it listens on the SDK's image,
// which takes back the port that ASP.NET's image sets.
func (pl *plan) dotnetPort() string {
	variable, port, ok := facts.DotnetPort(pl.stage.Ref)
	switch {
	case !ok:
		return "the port that it listens on is not said, and what the SDK's image sets is not known"
	case pl.exposes(port):
		pl.note("%s listens on %s, which EXPOSE names, unless the application says another port", pl.slim, port)
	default:
		pl.settings = append(pl.settings, "ENV "+variable+"=")
		pl.declare(fix.ChangeEnv, variable)
		pl.note("added: ENV %s=, as in %s", variable, fromWord(pl.stage))
	}
	return ""
}

// dotnetNeeds adds what the SDK's image for Alpine has and the run time's has not:
// the data of languages and time zones. An application that runs without (invariant,
// by ENV or by every project) goes on so.
func dotnetNeeds(pl *plan) string {
	if pl.stage.Image.Distro != facts.Alpine {
		return ""
	}
	pkgs, invariant, ok := facts.DotnetGlobalization(pl.stage.Ref)
	if !ok {
		return "which packages of Alpine's have the languages that " + fromWord(pl.stage) + " knows is not known"
	}
	const variable = "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"
	value, set := pl.stage.EnvAt(nil, variable)
	switch {
	case pl.isInvariant() || set && (value == "1" || strings.EqualFold(value, "true")):
		pl.require([]string{"tzdata"}, "what reads time zones")
		return ""
	case !set && pl.stage.EnvSetByStage(variable):
		return "whether the program runs without languages comes from a variable"
	case !set:
		pl.settings = append(pl.settings, "ENV "+variable+"="+invariant)
		pl.declare(fix.ChangeEnv, variable)
		pl.note("added: ENV %s=%s, as in %s", variable, invariant, fromWord(pl.stage))
	}
	pl.require(pkgs, "the program")
	return ""
}

// isInvariant reports whether every project says that it runs without languages.
// Source: https://learn.microsoft.com/dotnet/core/runtime-config/globalization.
func (pl *plan) isInvariant() bool {
	files, err := pl.pass.Context.Sources(".")
	projects := 0
	for _, f := range files {
		if ext := path.Ext(f); ext != ".csproj" && ext != ".fsproj" && ext != ".vbproj" {
			continue
		}
		text, readErr := pl.pass.Context.Read(f)
		if readErr != nil || !strings.Contains(strings.ToLower(text), "<invariantglobalization>true<") {
			return false
		}
		projects++
	}
	return err == nil && projects > 0
}

// saysPort reports whether the file tells ASP.NET where to listen.
func (pl *plan) saysPort() bool {
	for _, name := range []string{"ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "DOTNET_URLS", "ASPNETCORE_HTTPS_PORTS"} {
		if pl.stage.EnvSetByStage(name) {
			return true
		}
	}
	return slices.ContainsFunc(pl.startWords(), func(w string) bool { return strings.Contains(w, "--urls") })
}

// exposes reports whether an EXPOSE names a port of TCP.
func (pl *plan) exposes(port string) bool {
	return slices.ContainsFunc(pl.stage.Instructions, func(inst *syntax.Instruction) bool {
		return inst.Name == "EXPOSE" && slices.ContainsFunc(inst.Words(), func(w syntax.Word) bool {
			return strings.TrimSuffix(w.Text, "/tcp") == port
		})
	})
}
