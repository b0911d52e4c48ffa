package deploy

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// A Demand is what a container, or a service, asks of its image's user.
type Demand struct {
	Place  string // "deploy/app.yaml:12"
	Target string // the stage that is built; "" for the last one
	UserID int    // the user that it is run as in any case; -1 if it says none
	// Root is why it may need root, "" if nothing says so.
	Root string
}

// Demands lists what runs the image of a Dockerfile. read gives the text of a file
// of the repository; a file that it cannot give demands nothing.
func (x *Index) Demands(dockerfile string, read func(path string) (string, error)) []Demand {
	var all []Demand
	for _, name := range x.Files(dockerfile) {
		content, err := read(name)
		if err != nil {
			continue
		}
		for _, document := range parse(content) {
			if project.IsCompose(name) {
				all = append(all, x.ofServices(dockerfile, name, document)...)
				continue
			}
			all = append(all, x.ofWorkloads(dockerfile, name, document)...)
		}
	}
	return all
}

func (x *Index) ofWorkloads(dockerfile, name string, document *yaml.Node) []Demand {
	var all []Demand
	for _, w := range Workloads(document) {
		for _, c := range w.Containers {
			if built, reason := x.Image(c.Image, name); reason == "" && built.Dockerfile == dockerfile {
				all = append(all, Demand{fmt.Sprintf("%s:%d", name, c.At.Line), built.Target, w.userID(c), w.root(c)})
			}
		}
	}
	return all
}

func (x *Index) ofServices(dockerfile, name string, document *yaml.Node) []Demand {
	var all []Demand
	for _, s := range Services(document) {
		built, reason := x.Service(name, s)
		if reason != "" || built.Dockerfile != dockerfile {
			continue
		}
		d := Demand{Place: fmt.Sprintf("%s:%d", name, s.Node.Line), Target: built.Target, UserID: -1}
		if s.User != nil {
			d.UserID = id(s.User.Value)
		}
		switch port, mount := s.LowPort(), s.BindMount(); {
		case s.User != nil && (s.User.Value == "root" || d.UserID == 0):
			d.Root = "runs it as root"
		case port > 0:
			d.Root = fmt.Sprintf("publishes port %d", port)
		case mount != "":
			d.Root = fmt.Sprintf("mounts %s, whose owner is not known", mount)
		}
		all = append(all, d)
	}
	return all
}

// id gives the number in front of a colon, -1 if it is none.
func id(text string) int {
	for i, c := range text {
		if c == ':' && i > 0 {
			text = text[:i]
			break
		}
	}
	if text == "0" {
		return 0
	}
	if n := number(text); n > 0 {
		return n
	}
	return -1
}

func (w Workload) userID(c Container) int {
	if value := w.Effective(c, "runAsUser"); value != nil {
		return id(value.Value)
	}
	return -1
}

// root is why a container may need root.
func (w Workload) root(c Container) string {
	_, context := yamledit.Get(c.Node, "securityContext")
	if text(context, "privileged") == "true" {
		return "is privileged"
	}
	if w.userID(c) == 0 {
		return "runs it as root"
	}
	_, ports := yamledit.Get(c.Node, "ports")
	if ports != nil && ports.Kind == yaml.SequenceNode {
		for _, port := range ports.Content {
			if n := number(text(yamledit.Follow(port), "containerPort")); n > 0 && n < 1024 {
				return fmt.Sprintf("opens port %d", n)
			}
		}
	}
	_, mounts := yamledit.Get(c.Node, "volumeMounts")
	if mounts == nil || mounts.Kind != yaml.SequenceNode {
		return ""
	}
	for _, mount := range mounts.Content {
		if name := text(mount, "name"); text(mount, "readOnly") != "true" && w.isHostPath(name) {
			return fmt.Sprintf("mounts %s of its host", name)
		}
	}
	return ""
}

func (w Workload) isHostPath(name string) bool {
	_, volumes := yamledit.Get(w.Pod, "volumes")
	if volumes == nil || volumes.Kind != yaml.SequenceNode {
		return false
	}
	for _, volume := range volumes.Content {
		if _, host := yamledit.Get(volume, "hostPath"); host != nil && text(volume, "name") == name {
			return true
		}
	}
	return false
}
