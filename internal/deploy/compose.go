package deploy

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/drydock-dev/drydock/internal/project"
	"github.com/drydock-dev/drydock/internal/yamledit"
)

// A Service is one service of a compose file.
type Service struct {
	Name  string
	Image string     // as [project.ImageName] gives it, "" if there is none
	Node  *yaml.Node // the service
	User  *yaml.Node // the value of user, nil if there is none
}

// Services gives the services of a compose file.
func Services(document *yaml.Node) []Service {
	if document.Kind == yaml.DocumentNode {
		document = document.Content[0]
	}
	_, services := yamledit.Get(document, "services")
	if services == nil || services.Kind != yaml.MappingNode {
		return nil
	}
	var all []Service
	for i := 0; i+1 < len(services.Content); i += 2 {
		node := yamledit.Follow(services.Content[i+1])
		_, user := yamledit.Get(node, "user")
		if user != nil && user.Kind != yaml.ScalarNode {
			user = nil
		}
		all = append(all, Service{Name: services.Content[i].Value, Image: project.ImageName(text(node, "image")), Node: node, User: user})
	}
	return all
}

// LowPort gives the first container port below 1024 that a service publishes, 0
// if there is none (Compose specification, "ports": "[HOST:]CONTAINER[/PROTOCOL]"
// or a mapping with target).
func (s Service) LowPort() int {
	_, ports := yamledit.Get(s.Node, "ports")
	if ports == nil || ports.Kind != yaml.SequenceNode {
		return 0
	}
	for _, port := range ports.Content {
		port = yamledit.Follow(port)
		value := port.Value
		if port.Kind == yaml.MappingNode {
			value = text(port, "target")
		}
		value, _, _ = strings.Cut(value[strings.LastIndexByte(value, ':')+1:], "/")
		value, _, _ = strings.Cut(value, "-")
		if n := number(value); n > 0 && n < 1024 {
			return n
		}
	}
	return 0
}

// BindMount gives the first folder of the host that a service mounts to write,
// "" if there is none (Compose specification, "volumes": "SOURCE:TARGET[:MODE]" or
// a mapping with type bind). The container's user may not be the owner there.
func (s Service) BindMount() string {
	_, volumes := yamledit.Get(s.Node, "volumes")
	if volumes == nil || volumes.Kind != yaml.SequenceNode {
		return ""
	}
	for _, volume := range volumes.Content {
		volume = yamledit.Follow(volume)
		if volume.Kind == yaml.MappingNode {
			if text(volume, "type") == "bind" && text(volume, "read_only") != "true" {
				return text(volume, "source")
			}
			continue
		}
		parts := strings.Split(volume.Value, ":")
		if len(parts) < 2 || !isHostPath(parts[0]) || len(parts) > 2 && readOnly(parts[2]) {
			continue
		}
		return parts[0]
	}
	return ""
}

// isHostPath tells a path of the host from the name of a volume.
func isHostPath(source string) bool {
	return strings.HasPrefix(source, ".") || strings.HasPrefix(source, "~") || path.IsAbs(source) || strings.HasPrefix(source, "$")
}

func readOnly(mode string) bool {
	for option := range strings.SplitSeq(mode, ",") {
		if option == "ro" {
			return true
		}
	}
	return false
}

func number(text string) int {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' || n > 1<<31 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
