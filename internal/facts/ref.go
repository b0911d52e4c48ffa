package facts

import "strings"

// A Ref is an image reference with its registry prefix normalised: Docker
// Hub's official images are named without registry and "library/", whichever
// mirror or architecture namespace they come from.
type Ref struct {
	Repository string // "python", "jenkins/jenkins", "mcr.microsoft.com/dotnet/sdk"; "" where a variable stands in it
	Tag        string // "latest" where the text has neither tag nor digest; "" with a digest alone
	Digest     string // "sha256:…", or ""
}

// officialPrefixes name Docker Hub's official images in other words.
// The architecture namespaces: https://github.com/docker-library/official-images#architectures-other-than-amd64
var officialPrefixes = []string{
	"docker.io/library/", "index.docker.io/library/", "registry-1.docker.io/library/", "registry.hub.docker.com/library/", "registry.docker.com/library/",
	"docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/", "registry.docker.com/",
	"public.ecr.aws/docker/library/", "mirror.gcr.io/library/",
	"library/",
	"amd64/", "arm32v5/", "arm32v6/", "arm32v7/", "arm64v8/", "i386/", "ppc64le/", "riscv64/", "s390x/", "mips64le/",
}

// ParseRef reads the text of a FROM instruction's image. It does not fail: a
// text with a variable has an empty Repository, of which nothing is known.
func ParseRef(text string) Ref {
	if strings.ContainsAny(text, "$ \t") {
		return Ref{}
	}
	name, digest, _ := strings.Cut(text, "@")
	name, tag := splitTag(name)
	if tag == "" && digest == "" {
		tag = "latest"
	}
	return Ref{Repository: normalRepository(name), Tag: tag, Digest: digest}
}

// splitTag cuts name:tag; a colon before a slash belongs to a registry's port.
func splitTag(name string) (repository, tag string) {
	colon := strings.LastIndexByte(name, ':')
	if colon < 0 || strings.Contains(name[colon:], "/") {
		return name, ""
	}
	return name[:colon], name[colon+1:]
}

func normalRepository(name string) string {
	if !strings.Contains(name, "/") {
		return name
	}
	for _, prefix := range officialPrefixes {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		if strings.HasSuffix(prefix, "docker.io/") || strings.HasSuffix(prefix, "docker.com/") {
			return rest // a user's image, such as docker.io/bitnami/redis
		}
		if !strings.Contains(rest, "/") {
			return rest
		}
	}
	return name
}
