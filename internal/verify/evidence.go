package verify

import (
	"context"
	"fmt"
	"slices"

	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/verify/elf"
)

// Evidence builds a text and reads off the image which packages of the system its
// dependencies load: the owners of the libraries that the ELF files need which
// the Dockerfile brought in and no package owns. What those packages need in turn
// their own dependencies say.
func (v *Verifier) Evidence(ctx context.Context, text string) (*fix.Evidence, error) {
	o, err := v.observe(ctx, text, nil)
	if err != nil {
		return nil, err
	}
	if o.failure != nil {
		return nil, fmt.Errorf("no evidence: it does not build as it is: %w", o.failure)
	}
	ref := v.bottom(text)
	if err := v.resolve(ctx, ref); err != nil {
		return nil, err
	}
	base := baseLayers(o.image, v.bases[ref].Config)
	owners, essential := o.image.Owners(), o.image.Essential()
	var e fix.Evidence
	for name, f := range o.image.Files {
		if f.Object == nil || f.Layer < base || owners[name] != "" {
			continue
		}
		_, libraries := elf.Check(o.image, name, f.Object)
		for _, lib := range libraries {
			if pkg := owners[lib]; pkg != "" && !essential[pkg] {
				e.Packages = append(e.Packages, pkg)
			}
		}
	}
	slices.Sort(e.Packages)
	e.Packages = slices.Compact(e.Packages)
	return &e, nil
}
