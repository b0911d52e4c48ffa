package builder

import (
	"context"
	"errors"
)

// commandLine is a builder that is a program: podman or buildah.
type commandLine struct {
	program, name string
	progress      Progress
	agent         string
}

func (c *commandLine) Name() string { return c.name }

func (c *commandLine) Close() error { return nil }

func (c *commandLine) Build(context.Context, Request, func(context.Context, Image) error) (*Result, error) {
	return nil, errors.New("not yet")
}

func (c *commandLine) Bases(context.Context, Request, []string) (map[string]Base, error) {
	return nil, nil
}
