package contract

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/distribution/reference"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Images gives the configuration of a base image for a platform, as JSON, and nil
// where it is not known. It may be called from several goroutines.
type Images func(ref string, platform ocispecs.Platform) []byte

// bases are the configurations of the images below two stages, as their registries
// have them. Both are nil where what the tables of package facts say is compared.
type bases struct {
	before, after *dockerspec.DockerOCIImageConfig
}

// findBases asks for all images of both files. Where one is not known the tables
// stand for all, as a true image and a stand-in differ in everything.
func (c *comparison) findBases(before, after *stage, platform ocispecs.Platform) {
	c.bases = bases{}
	if c.before.images == nil {
		return
	}
	for _, r := range []*Reading{c.before, c.after} {
		for _, s := range r.stages {
			if s.Base == nil && s.Ref != "scratch" && r.base(s.Ref, platform) == nil {
				return
			}
		}
	}
	c.bases = bases{c.before.base(before.Bottom().Ref, platform), c.after.base(after.Bottom().Ref, platform)}
	for _, b := range []**dockerspec.DockerOCIImageConfig{&c.bases.before, &c.bases.after} {
		if *b == nil { // scratch
			*b = &dockerspec.DockerOCIImageConfig{}
		}
	}
}

// maxVariables bounds those of a base image: BuildKit goes through them at every
// instruction. It is far above what images have.
const maxVariables = 1000

// base is the configuration of an image, nil if it is not known.
func (r *Reading) base(ref string, platform ocispecs.Platform) *dockerspec.DockerOCIImageConfig {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return nil
	}
	var image dockerspec.DockerOCIImage
	if text := r.images(reference.TagNameOnly(named).String(), platform); text == nil || json.Unmarshal(text, &image) != nil || len(image.Config.Env) > maxVariables {
		return nil
	}
	return &image.Config
}

// isOfBases reports whether a variable's two values, "" for none, are what two bases
// set: they come with the change of one for the other, which is declared.
func (c *comparison) isOfBases(name, before, after string) bool {
	return c.bases.before != nil && valueOf(c.bases.before.Env, name) == before && valueOf(c.bases.after.Env, name) == after
}

// valueOf is the value of a variable of an image, "" for none.
func valueOf(env []string, name string) string {
	for _, v := range env {
		if len(v) > len(name) && v[len(name)] == '=' && v[:len(name)] == name {
			return v[len(name)+1:]
		}
	}
	return ""
}

// dropOfBases leaves out of two configurations the variables and labels that come
// with the change of the base.
func (c *comparison) dropOfBases(was, is *dockerspec.DockerOCIImageConfig) {
	if c.bases.before == nil {
		return
	}
	b, a := was.Env, is.Env
	drop := func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return c.isOfBases(name, valueOf(b, name), valueOf(a, name))
	}
	was.Env, is.Env = slices.DeleteFunc(slices.Clone(b), drop), slices.DeleteFunc(slices.Clone(a), drop)
	before, after := was.Labels, is.Labels
	dropLabel := func(name, _ string) bool {
		return before[name] == c.bases.before.Labels[name] && after[name] == c.bases.after.Labels[name]
	}
	for _, c := range []*dockerspec.DockerOCIImageConfig{was, is} {
		c.Labels = maps.Clone(c.Labels)
		if maps.DeleteFunc(c.Labels, dropLabel); len(c.Labels) == 0 {
			c.Labels = nil
		}
	}
}
