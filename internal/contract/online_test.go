package contract_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/contract"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/source"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// published are base images as a registry may have them.
var published = map[string]string{
	"docker.io/library/big:1":      `{"Env": ["PATH=/bin", "VERSION=1", "TOOLS=all"], "Cmd": ["big"], "StopSignal": "SIGQUIT", "Labels": {"kind": "big"}}`,
	"docker.io/library/small:1":    `{"Env": ["PATH=/bin", "VERSION=1"], "Cmd": ["big"], "StopSignal": "SIGQUIT"}`,
	"docker.io/library/other:1":    `{"Env": ["PATH=/bin"], "Entrypoint": ["/start"], "WorkingDir": "/srv"}`,
	"docker.io/library/onbuild:1":  `{"Env": ["PATH=/bin"], "OnBuild": ["ENV FROM_BASE=1"]}`,
	"docker.io/library/variable:1": `{"Env": ["PATH=/bin", "VERSION=2"], "Cmd": ["big"], "StopSignal": "SIGQUIT"}`,
}

func registry(ref string, platform ocispecs.Platform) []byte {
	config, ok := published[ref]
	if !ok {
		return nil
	}
	image := dockerspec.DockerOCIImage{Image: ocispecs.Image{Platform: platform, RootFS: ocispecs.RootFS{Type: "layers"}}}
	if err := json.Unmarshal([]byte(config), &image.Config); err != nil {
		panic(err)
	}
	text, err := json.Marshal(image)
	if err != nil {
		panic(err)
	}
	return text
}

// What a registry says of the bases is compared, but for what comes with a base
// that is declared.
func TestImagesOfARegistry(t *testing.T) {
	read := func(text string, images contract.Images) *contract.Reading {
		file := syntax.Parse(source.New("Dockerfile", text))
		return contract.Read(file, build.New(file, build.Options{}), images, nil)
	}
	base := func(ref string) []fix.Change { return change(fix.ChangeBase, ref) }
	for _, c := range []struct {
		rewrite
		offline string // the violation that the tables alone give
	}{
		{rewrite{name: "variables and labels come with a base", before: "FROM big:1\nRUN x\n", after: "FROM small:1\nRUN x\n", changes: base("small:1")},
			"the image's Entrypoint is [the ENTRYPOINT of small] instead of [the ENTRYPOINT of big]"},
		{rewrite{name: "a variable that the file sets does not", before: "FROM big:1\nENV TOOLS=mine\nCMD [\"x\"]\n", after: "FROM small:1\nCMD [\"x\"]\n", changes: base("small:1"), why: "TOOLS"},
			"TOOLS"},
		{rewrite{name: "an entrypoint that the base has", before: "FROM big:1\nCMD [\"x\"]\n", after: "FROM other:1\nCMD [\"x\"]\n", changes: base("other:1"), why: "the image's Entrypoint is [/start] instead of []"},
			"ENTRYPOINT"},
		{rewrite{name: "a signal and a folder that the base has", before: "FROM big:1\nENTRYPOINT [\"x\"]\n", after: "FROM other:1\nENTRYPOINT [\"x\"]\n", changes: base("other:1"), why: "the image's WorkingDir is /srv instead of"},
			""},
		{rewrite{name: "a base that is not known", before: "FROM big:1\nENTRYPOINT [\"x\"]\n", after: "FROM away:1\nENTRYPOINT [\"x\"]\n", changes: base("away:1")},
			""},
		{rewrite{name: "a variable that two bases set otherwise", before: "FROM big:1\nRUN x\n", after: "FROM variable:1\nRUN x\n", changes: base("variable:1")},
			"ENTRYPOINT"},
		{rewrite{name: "a trigger of the base", before: "FROM onbuild:1\nUSER app\n", after: "FROM onbuild:1\nUSER 1\n", changes: change(fix.ChangeUser, "1")},
			""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, setting := range []struct {
				images contract.Images
				why    string
			}{{registry, c.why}, {nil, c.offline}} {
				err := read(c.before, setting.images).Permits(read(c.after, setting.images), c.changes)
				var v *contract.Violation
				switch {
				case err == nil && setting.why != "":
					t.Errorf("is permitted; want a violation: %s", setting.why)
				case err != nil && setting.why == "":
					t.Errorf("is not permitted: %v", err)
				case err != nil && (!errors.As(err, &v) || !strings.Contains(err.Error(), setting.why)):
					t.Errorf("violation %q does not say %q", err, setting.why)
				}
			}
		})
	}
}
