package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/drydock-dev/drydock/internal/deploy"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/project"
)

// A deployment is a Dockerfile of the corpus and the manifests beside it.
type deployment struct {
	name  string
	files map[string]string
	meta  struct {
		Repo       string `json:"repo"`
		Dockerfile string `json:"dockerfile"`
		Linked     bool   `json:"linked_by_image_name"`
	}
}

// readDeployments reads k8s.tar.gz, sorted by name.
func readDeployments(dir string) ([]deployment, error) {
	found := map[string]*deployment{}
	err := walkArchive(filepath.Join(dir, "k8s.tar.gz"), func(name, text string) {
		parts := strings.SplitN(strings.TrimPrefix(path.Clean(name), "k8s/"), "/", 2)
		if len(parts) < 2 {
			return
		}
		if found[parts[0]] == nil {
			found[parts[0]] = &deployment{name: parts[0], files: map[string]string{}}
		}
		found[parts[0]].files[parts[1]] = text
	})
	var all []deployment
	for _, name := range slices.Sorted(maps.Keys(found)) {
		d := *found[name]
		if err := json.Unmarshal([]byte(d.files["meta.json"]), &d.meta); err != nil {
			return nil, fmt.Errorf("%s/meta.json: %w", name, err)
		}
		all = append(all, d)
	}
	return all, err
}

// repository lays the files out as they lie in the repository.
func (d deployment) repository() *project.Repository {
	tree := fstest.MapFS{d.meta.Dockerfile: {Data: []byte(d.files["Dockerfile"]), Mode: 0o644}}
	for name, text := range d.files {
		if rest, ok := strings.CutPrefix(name, "manifests/"); ok {
			tree[rest] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		}
	}
	return project.NewRepository(tree)
}

// likely reports whether an image's name says that it is built from the Dockerfile:
// the last part is that of the Dockerfile's folder or of the repository.
func (d deployment) likely(image string) bool {
	last := path.Base(image)
	folder := path.Base(path.Dir(d.meta.Dockerfile))
	stem := strings.TrimSuffix(path.Base(d.meta.Dockerfile), ".Dockerfile")
	return last == folder || last == stem || last == path.Base(strings.ToLower(d.meta.Repo)) || strings.HasPrefix(last, folder+"-")
}

// A rollout is what becomes of a deployment when one of the images counts as the
// Dockerfile's.
type rollout struct {
	result   engine.Result
	breaches []string
}

func (d deployment) run(image string, list []fix.Fixer) (rollout, error) {
	repository := d.repository()
	around, err := engine.Around(repository, d.meta.Dockerfile, d.files["Dockerfile"])
	if err != nil {
		return rollout{}, err
	}
	in := engine.Input{
		Name: "Dockerfile", Text: d.files["Dockerfile"], Context: around.Context, Build: around.Build,
		Repository: repository, Path: d.meta.Dockerfile,
	}
	if image != "" {
		in.Settings.Images = map[string]string{image: d.meta.Dockerfile}
	}
	result, err := engine.Run(context.Background(), in, list)
	if err != nil {
		return rollout{}, err
	}
	r := rollout{result: result}
	left := map[string]string{}
	for _, other := range result.Others {
		left[other.Path] = other.After
		for _, b := range yamlBreaches(other.Before, other.After, image) {
			r.breaches = append(r.breaches, other.Path+": "+b)
		}
	}
	in.Text, in.Left = result.Text, left
	again, err := engine.Run(context.Background(), in, list)
	if err != nil || again.Text != result.Text || len(again.Others) > 0 {
		r.breaches = append(r.breaches, fmt.Sprintf("a second run changes it again (%v)", err))
	}
	return r, nil
}

// kubernetes runs over the manifests of the corpus. As the pairs come without what
// builds their images, each image that they run counts as the Dockerfile's in
// turn, and once none.
func kubernetes(o options, list []fix.Fixer, out io.Writer) error {
	deployments, err := readDeployments(o.corpus)
	if err != nil {
		return err
	}
	edited, breaches, agreed, told := 0, 0, 0, 0
	fmt.Fprintln(out, "pair: images tried, files edited, refused as it came, declined; user before, ours, theirs; what the likely image's manifests say")
	for _, d := range deployments {
		if !strings.Contains(d.name, o.match) {
			continue
		}
		images := deploy.Of(d.repository(), nil).Images()
		row := row{deployment: d, images: len(images)}
		for _, image := range append([]string{""}, images...) {
			r, err := d.run(image, list)
			if err != nil {
				return fmt.Errorf("%s: %w", d.name, err)
			}
			if image == "" && len(r.result.Others) > 0 {
				r.breaches = append(r.breaches, "files are edited although nothing is known to build their images")
			}
			row.add(image, r)
			for _, b := range r.breaches {
				breaches++
				fmt.Fprintf(out, "  BREACH %s as %s: %s\n", d.name, image, b)
			}
			if o.show == "kubernetes-user" {
				showOthers(out, d.name+" as "+image, r.result)
			}
		}
		edited += row.edited
		if theirs := row.theirs(); theirs != "-" {
			told++
			if theirs == row.ours {
				agreed++
			}
		}
		fmt.Fprintln(out, row)
	}
	fmt.Fprintf(out, "pairs %d, files edited %d, breaches %d (aim 0), the maintainers' user %d of %d\n", len(deployments), edited, breaches, agreed, told)
	if err := goldDeployments(o, list, out); err != nil {
		return err
	}
	if breaches > 0 {
		return errMissed
	}
	return nil
}

// A row is a pair in the table.
type row struct {
	deployment
	images, edited, refused, declined int
	ours                              string
	says                              []string
}

var runAsUser = regexp.MustCompile(`(?m)^\s*(?:- )?runAsUser:\s*(\d+)`)

func (r *row) add(image string, done rollout) {
	if image == "" || r.likely(image) {
		r.ours = userText(model(done.result.Text).Last().FinalUser())
	}
	r.edited += len(done.result.Others)
	for _, o := range done.result.Outcomes {
		if o.Fixer != "kubernetes-user" {
			continue
		}
		if o.Status == engine.Declined && image != "" {
			r.declined++
		}
		for _, text := range append([]string{o.Reason}, o.Notes...) {
			if strings.Contains(text, "container has runAsNonRoot and image") {
				r.refused++
			}
		}
		if image != "" && r.likely(image) && (o.Status == engine.Declined || o.Status == engine.Applied) {
			r.says = append(r.says, o.Message+o.Reason)
		}
	}
}

// theirs is the user that the maintainers came to, "-" if they did not yet.
func (r row) theirs() string {
	after, ok := r.files["Dockerfile.after"]
	if !ok {
		return "-"
	}
	return userText(model(after).Last().FinalUser())
}

func (r row) String() string {
	theirs := r.theirs()
	if theirs == r.ours {
		theirs += " (agreed)"
	}
	text := fmt.Sprintf("%s: %d, %d, %d, %d; %s, %s, %s", r.name, r.images, r.edited, r.refused, r.declined,
		userText(model(r.files["Dockerfile"]).Last().FinalUser()), r.ours, theirs)
	for _, s := range r.says {
		text += "\n    " + s
	}
	return text
}

// goldDeployments holds the users that we come to against those of maintainers who
// changed the manifests in the same commit.
func goldDeployments(o options, list []fix.Fixer, out io.Writer) error {
	pairs, err := readPairs(o.corpus)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if p.class() != "G" || !strings.Contains(p.Path, o.match) {
			continue
		}
		r, err := p.rewrite(p.files["before.Dockerfile"], list)
		if err != nil {
			return err
		}
		ours, theirs := userText(model(r.after).Last().FinalUser()), userText(model(p.files["after.Dockerfile"]).Last().FinalUser())
		verdict := "differ"
		if ours == theirs {
			verdict = "agree"
		}
		var numbers []string
		for line := range strings.Lines(p.files["k8s_compose.diff"]) {
			if added, ok := strings.CutPrefix(line, "+"); ok {
				for _, m := range runAsUser.FindAllStringSubmatch(added, -1) {
					numbers = append(numbers, m[1])
				}
			}
		}
		fmt.Fprintf(out, "%s: ours %s, theirs %s: %s; their manifests say %v\n", p.Path, ours, theirs, verdict, numbers)
	}
	return nil
}
