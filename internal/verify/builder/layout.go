package builder

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/moby/buildkit/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// layouts adds the image layouts as named contexts. BuildKit looks them up by
// what FROM says, without ":latest".
func layouts(opt *client.SolveOpt, byName map[string]string) error {
	n := 0
	for name, dir := range byName {
		digest, err := LayoutDigest(dir)
		if err != nil {
			return fmt.Errorf("--image-layout %s: %w", name, err)
		}
		store, err := local.NewStore(dir)
		if err != nil {
			return fmt.Errorf("--image-layout %s: %w", name, err)
		}
		id := fmt.Sprintf("layout%d", n)
		n++
		opt.OCIStores[id] = store
		opt.FrontendAttrs["context:"+strings.TrimSuffix(name, ":latest")] = "oci-layout://" + id + "@" + digest
	}
	return nil
}

// LayoutDigest is the digest of the image in an OCI layout.
func LayoutDigest(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, ocispec.ImageIndexFile))
	if err != nil {
		return "", err
	}
	var index ocispec.Index
	if err := json.Unmarshal(text, &index); err != nil {
		return "", fmt.Errorf("index.json: %w", err)
	}
	if len(index.Manifests) == 0 {
		return "", errors.New("index.json names no image")
	}
	return index.Manifests[0].Digest.String(), nil
}

// layout gives the layout that stands for an image.
func (r Request) layout(ref string) (string, bool) {
	for name, dir := range r.Layouts {
		if strings.TrimSuffix(name, ":latest") == strings.TrimSuffix(ref, ":latest") {
			return dir, true
		}
	}
	return "", false
}

// layoutBase reads the configuration of the image in a layout.
func layoutBase(dir string) (Base, error) {
	digest, err := LayoutDigest(dir)
	if err != nil {
		return Base{}, err
	}
	base := Base{Digest: digest}
	var m struct {
		ocispec.Manifest
		Manifests []ocispec.Descriptor `json:"manifests"`
	}
	for range 3 {
		text, err := blob(dir, digest)
		if err != nil {
			return base, err
		}
		m.Manifests = nil
		if err := json.Unmarshal(text, &m); err != nil {
			return base, fmt.Errorf("manifest %s: %w", digest, err)
		}
		if len(m.Manifests) == 0 {
			break
		}
		digest = m.Manifests[0].Digest.String()
	}
	text, err := blob(dir, m.Config.Digest.String())
	if err != nil {
		return base, err
	}
	return base, json.Unmarshal(text, &base.Config)
}

func blob(dir, digest string) ([]byte, error) {
	algorithm, hex, _ := strings.Cut(digest, ":")
	if strings.ContainsAny(hex, "/\\.") || hex == "" {
		return nil, fmt.Errorf("%q is no digest", digest)
	}
	return os.ReadFile(filepath.Join(dir, "blobs", algorithm, hex))
}
