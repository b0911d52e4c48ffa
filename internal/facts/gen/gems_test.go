package main

import (
	"slices"
	"strings"
	"testing"
)

func TestGemRows(t *testing.T) {
	const base = "Package: apt\nPriority: important\nDepends: libc6\n\nPackage: libc6\n\n"
	older, newer := newIndex(), newIndex()
	for x, text := range map[*index]string{
		older: base + "Package: ruby-plain\nDepends: ruby, ruby-other, libc6\n\nPackage: ruby-links\nDepends: libruby3.1, libpq5\n\nPackage: ruby-changed\nDepends: ruby\n",
		newer: base + "Package: ruby-plain\nDepends: ruby, bundler | ruby-bundler\n\nPackage: ruby-changed\nDepends: ruby, libcurl4\n\nPackage: rubygems\n",
	} {
		if err := x.read(strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		x.base = x.baseImage()
	}
	if got, want := gemRows([]*index{older, newer}), []string{"#gem\tplain", "plain\t1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
