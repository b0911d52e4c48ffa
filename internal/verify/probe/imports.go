package probe

import (
	"context"
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// An Import is a try to load a module of a dependency that the application
// declares.
type Import struct {
	Language string `json:"language"`
	Module   string `json:"module"`
	Error    string `json:"error,omitempty"` // "" if it loads
}

// Python, Ruby and Node say themselves what they can load. Each script prints a
// JSON object of modules and errors, on the last line; its arguments are the
// modules to load, or none for those of the declared dependencies.
var (
	//go:embed imports.py
	python string
	//go:embed imports.rb
	ruby string
	//go:embed imports.js
	node string
)

// A language is how a script is run.
type language struct {
	name     string
	programs []string
	flag     string
	script   string
}

var languages = []language{
	{"python", []string{"python", "python3"}, "-c", python},
	{"ruby", []string{"ruby"}, "-e", ruby},
	{"node", []string{"node"}, "-e", node},
}

// command runs the script by one of the programs.
func (l language) command(program string, modules []string) []string {
	args := []string{program, l.flag, l.script}
	if l.name == "node" {
		args = append(args, "--")
	}
	return append(args, modules...)
}

// imports tries the modules of every language that the image has.
func (p *probe) imports(ctx context.Context) ([]Import, error) {
	var all []Import
	for _, l := range languages {
		modules := p.options.Modules[l.name]
		if p.options.Modules != nil && len(modules) == 0 {
			continue
		}
		results, err := p.load(ctx, l, modules)
		if err != nil {
			return nil, err
		}
		all = append(all, results...)
	}
	return all, nil
}

func (p *probe) load(ctx context.Context, l language, modules []string) ([]Import, error) {
	reason := "the image has no " + l.name
	for _, program := range l.programs {
		limit, cancel := context.WithTimeout(ctx, 2*time.Minute)
		out := &builder.Tail{Limit: maxText}
		process := p.process(l.command(program, modules))
		process.Out = out
		ended, err := p.container.Exec(limit, process)
		timeout := limit.Err() != nil && ctx.Err() == nil
		cancel()
		switch {
		case timeout:
			reason = "it takes more than two minutes"
			continue
		case err != nil:
			return nil, err
		case ended.Fault != "":
			continue // there is no such program
		}
		text := strings.TrimSpace(out.String())
		var errors map[string]string
		if err := json.Unmarshal([]byte(text[strings.LastIndex(text, "\n")+1:]), &errors); err == nil {
			return sorted(l.name, errors), nil
		}
		lines := strings.Split(builder.Clean(text, 300), "\n")
		reason = lines[len(lines)-1]
	}
	var all []Import
	for _, m := range modules {
		all = append(all, Import{Language: l.name, Module: m, Error: reason})
	}
	return all, nil
}

func sorted(language string, errors map[string]string) []Import {
	var all []Import
	for module, err := range errors {
		all = append(all, Import{Language: language, Module: builder.Clean(module, 200), Error: builder.Clean(err, 300)})
	}
	slices.SortFunc(all, func(a, b Import) int { return strings.Compare(a.Module, b.Module) })
	return all
}
