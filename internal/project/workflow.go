package project

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

func isWorkflow(name string) bool {
	return (strings.HasPrefix(name, ".github/workflows/") || strings.HasPrefix(name, ".github/actions/")) &&
		baseMatches(name, "*.yml", "*.yaml")
}

// workflowBuilders reads the steps that use docker/build-push-action
// (its inputs: context, file, target, build-args), a matrix expanded. Both
// paths are relative to the repository; the action's own default for context
// is the repository as well. Steps that run docker are commandBuilders' part.
func workflowBuilders(file builderFile) []Builder {
	var builders []Builder
	for _, doc := range documents(file.text) {
		jobs := doc.table("jobs")
		for _, name := range jobs.keys() {
			job := jobs.table(name)
			steps := workflowSteps{file.name + ": " + name, job.at("steps"), []table{doc.table("env"), job.table("env")}}
			builders = append(builders, steps.builders(matrixRows(job.table("strategy", "matrix")))...)
		}
		steps := workflowSteps{where: file.name, steps: doc.at("runs", "steps")}
		builders = append(builders, steps.builders([]table{nil})...)
	}
	return append(builders, commandBuilders(file)...)
}

// workflowSteps are the steps of a job, with the variables around them, the
// inner ones last.
type workflowSteps struct {
	where string
	steps any
	env   []table
}

func (w workflowSteps) builders(rows []table) []Builder {
	var builders []Builder
	metadata := table{} // the image names of docker/metadata-action, by the step's id
	list, _ := w.steps.([]any)
	for _, item := range list {
		fields, _ := item.(map[string]any)
		step := table(fields)
		if strings.HasPrefix(step.string("uses"), "docker/metadata-action@") {
			metadata[step.string("id")] = step.string("with", "images")
		}
		if !strings.HasPrefix(step.string("uses"), "docker/build-push-action@") {
			continue
		}
		with := step.table("with")
		tags := metadataTags(with.string("tags"), metadata)
		env := append(slices.Clone(w.env), step.table("env"))
		for _, row := range rows {
			if builder, ok := stepBuilder(w.where, with, row); ok {
				builder.Images = imageNames(tagList(expandEnv(expandMatrix(tags, row), env)))
				builders = append(builders, builder)
			}
		}
	}
	return builders
}

func stepBuilder(where string, with, row table) (Builder, bool) {
	get := func(key string) string { return expandMatrix(with.string(key), row) }
	context, contextKnown := resolve(".", contextInput(get("context")))
	builder := Builder{Where: where, Context: context}
	name := get("file")
	switch {
	case name != "":
		dockerfile, ok := resolve(".", contextInput(name))
		if !ok {
			return builder, false
		}
		builder.Dockerfile = dockerfile
	case contextKnown:
		builder.Dockerfile = path.Join(context, "Dockerfile")
	default:
		return builder, false
	}
	builder.setTarget(get("target"))
	builder.Args = literalArgs(anyList(strings.Fields(get("build-args"))))
	return builder, true
}

func anyList(words []string) []any {
	var list []any
	for _, word := range words {
		list = append(list, word)
	}
	return list
}

// contextInput takes the spellings of the checkout's root off a path.
func contextInput(value string) string {
	value = strings.TrimSpace(value)
	for _, root := range []string{"${{ github.workspace }}", "${{github.workspace}}", "$GITHUB_WORKSPACE", "{{defaultContext}}:", "{{defaultContext}}"} {
		if rest, ok := strings.CutPrefix(value, root); ok {
			return strings.TrimPrefix(rest, "/")
		}
	}
	return value
}

// matrixRows gives the sets of matrix values of a job, as far as they matter
// for paths: each entry of include, and each value of each list by itself.
// A job without a matrix has one empty row.
func matrixRows(matrix table) []table {
	rows := []table{nil}
	for _, key := range matrix.keys() {
		values, _ := matrix[key].([]any)
		for _, value := range values {
			if fields, ok := value.(map[string]any); ok && key == "include" {
				rows = append(rows, fields)
			} else {
				rows = append(rows, table{key: value})
			}
		}
	}
	return rows
}

var matrixExpression = regexp.MustCompile(`\$\{\{\s*matrix\.([A-Za-z0-9_.-]+)\s*\}\}`)

// expandMatrix puts the values of one row in; what the row lacks stays.
func expandMatrix(value string, row table) string {
	return matrixExpression.ReplaceAllStringFunc(value, func(expression string) string {
		keys := strings.Split(matrixExpression.FindStringSubmatch(expression)[1], ".")
		switch v := row.at(keys...).(type) {
		case nil, map[string]any, []any:
			return expression
		default:
			return fmt.Sprint(v)
		}
	})
}
