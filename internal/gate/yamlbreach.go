package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/report"
)

// yamlBreaches tells what a rewrite of a file did that it may not: it reads both
// texts by itself, as values, and accounts for every difference.
func yamlBreaches(before, after, image string) []string {
	was, err := yamlValues(before)
	if err != nil {
		return []string{"a file that does not parse is edited"}
	}
	now, err := yamlValues(after)
	if err != nil {
		return []string{fmt.Sprintf("the result does not parse: %v", err)}
	}
	a := accountant{image: image}
	a.compare(was, now, nil)
	if !slices.Equal(commentTexts(before), commentTexts(after)) {
		a.breaches = append(a.breaches, "a comment is lost")
	}
	return a.breaches
}

func yamlValues(text string) (any, error) {
	var all []any
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var value any
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, value)
	}
}

var comment = regexp.MustCompile(`(?m)(?:^|[ \t])#.*$`)

// commentTexts are what looks like a comment, in strings too: it is the same
// before and after.
func commentTexts(text string) []string {
	var all []string
	for _, m := range comment.FindAllString(text, -1) {
		all = append(all, strings.TrimSpace(m))
	}
	slices.Sort(all)
	return all
}

// An accountant walks two values side by side. around are the values on the way
// from the root, as they were.
type accountant struct {
	image    string
	breaches []string
}

// intended are the keys that kubernetes-user may add.
var intended = []string{"securityContext", "runAsNonRoot", "runAsUser", "runAsGroup", "fsGroup"}

func (a *accountant) compare(was, now any, around []any) {
	around = append(slices.Clone(around), was)
	switch was := was.(type) {
	case []any:
		now, ok := now.([]any)
		if !ok || len(was) != len(now) {
			a.breach("a list changes")
			return
		}
		for i := range was {
			a.compare(was[i], now[i], around)
		}
		return
	case map[string]any:
		now, ok := now.(map[string]any)
		if !ok {
			a.breach("a mapping goes")
			return
		}
		for key, value := range was {
			if _, kept := now[key]; !kept {
				a.breach("the key %s goes", key)
				continue
			}
			a.compare(value, now[key], around)
		}
		for key := range now {
			if _, old := was[key]; !old {
				a.added(key, around)
			}
		}
		return
	case nil:
		if added, ok := now.(map[string]any); ok {
			for key := range added {
				a.added(key, around)
			}
			return
		}
	}
	if !reflect.DeepEqual(was, now) {
		a.breach("%v becomes %v", was, now)
	}
}

func (a *accountant) breach(format string, args ...any) {
	a.breaches = append(a.breaches, fmt.Sprintf(format, args...))
}

// added judges a new key: it must be one of the intended ones, in a container of
// the image, or in a pod all of whose containers run it, or in the values that
// name it.
func (a *accountant) added(key string, around []any) {
	if !slices.Contains(intended, key) {
		a.breach("the key %s is new", key)
		return
	}
	for _, at := range slices.Backward(around) {
		mapping, ok := at.(map[string]any)
		if !ok {
			continue
		}
		if pod, ok := mapping["containers"].([]any); ok {
			init, _ := mapping["initContainers"].([]any)
			for _, c := range append(slices.Clone(pod), init...) {
				if container, ok := c.(map[string]any); ok && imageOf(container) != a.image {
					a.breach("%s is added to a pod that runs %v too", key, container["image"])
				}
			}
			return
		}
		if _, names := mapping["image"]; names {
			if imageOf(mapping) != a.image {
				a.breach("%s is added to a container of %v", key, mapping["image"])
			}
			return
		}
	}
	a.breach("%s is added where no image is", key)
}

func imageOf(mapping map[string]any) string {
	switch image := mapping["image"].(type) {
	case string:
		return project.ImageName(image)
	case map[string]any:
		name, _ := image["repository"].(string)
		if name == "" {
			name, _ = image["name"].(string)
		}
		if registry, _ := image["registry"].(string); registry != "" {
			name = registry + "/" + name
		}
		return project.ImageName(name)
	}
	return ""
}

// showOthers prints the diffs of the files beside a Dockerfile.
func showOthers(out io.Writer, title string, result engine.Result) {
	for _, other := range result.Others {
		fmt.Fprintf(out, "=== %s\n%s", title, report.Diff(other.Path, other.Before, other.After))
	}
}
