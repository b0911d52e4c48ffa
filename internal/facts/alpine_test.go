package facts

import (
	"strings"
	"testing"
)

func TestAlpineRuntime(t *testing.T) {
	for dev, pkg := range alpineRuntime {
		if !strings.HasSuffix(dev, "-dev") || strings.HasSuffix(pkg, "-dev") || strings.ContainsAny(pkg, " =@") {
			t.Errorf("%s stands for %q", dev, pkg)
		}
		if IsBuildOnly(pkg) {
			t.Errorf("%s stands for %s, which only a build needs", dev, pkg)
		}
	}
	if _, known := AlpineRuntime("libwebp-dev"); known {
		t.Error("libwebp was split: its -dev package is to stay")
	}
}

func TestImageEnv(t *testing.T) {
	for _, c := range []struct{ ref, name, want string }{
		{"ruby:3.3-slim", "GEM_HOME", "/usr/local/bundle"},
		{"public.ecr.aws/docker/library/ruby:3.3", "BUNDLE_APP_CONFIG", "/usr/local/bundle"},
		{"ruby:3.3", "HOME", ""},
		{"python:3.11", "GEM_HOME", ""},
	} {
		if got, ok := ImageEnv(c.ref, c.name); got != c.want || ok != (c.want != "") {
			t.Errorf("%s of %s: %q, %v", c.name, c.ref, got, ok)
		}
	}
}
