// Command drydock rewrites Dockerfiles.
package main

import (
	"os"

	"github.com/drydock-dev/drydock/internal/cli"
)

func main() { os.Exit(cli.Main()) }
