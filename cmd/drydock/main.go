// Command drydock rewrites Dockerfiles.
package main

import (
	"os"
	"runtime/debug"

	"github.com/drydock-dev/drydock/internal/cli"
	"github.com/drydock-dev/drydock/internal/engine"
)

func main() {
	debug.SetGCPercent(engine.GCPercent)
	os.Exit(cli.Main())
}
