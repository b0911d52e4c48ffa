package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestModules holds that every module of the binary may be linked with drydock, which
// is Apache-2.0.
func TestModules(t *testing.T) {
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"Go go1.", "github.com/moby/buildkit v", "riverqueue.com/riverui v", "Permission is hereby granted", "Copyright"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in it", want)
		}
	}
}

func TestNamesOf(t *testing.T) {
	for text, want := range map[string]string{
		"Mozilla Public License Version 2.0\n==================================\n1.12. \"Secondary License\" means the GNU General Public License": "MPL-2.0",
		"                    GNU GENERAL PUBLIC LICENSE\n                       Version 3, 29 June 2007":                                           "",
		"Permission is hereby granted,\nfree of charge, to any person obtaining a copy":                                                            "MIT",
	} {
		if got := strings.Join(namesOf(text), " "); got != want {
			t.Errorf("%.40s is %q, want %q", text, got, want)
		}
	}
}
