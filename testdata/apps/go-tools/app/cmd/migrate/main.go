// Command migrate prints the migrations that it finds.
package main

import (
	"fmt"
	"os"
)

func main() {
	files, err := os.ReadDir("migrations")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, f := range files {
		fmt.Println("migration", f.Name())
	}
}
