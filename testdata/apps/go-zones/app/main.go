// zones prints how far zones are from Greenwich in January, from a list in a file.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	config := flag.String("config", "", "a list of zones")
	flag.Parse()
	text, err := os.ReadFile(*config)
	if err != nil {
		panic(err)
	}
	var names []string
	if err := json.Unmarshal(text, &names); err != nil {
		panic(err)
	}
	for _, name := range names {
		zone, err := time.LoadLocation(name)
		if err != nil {
			panic(err)
		}
		_, offset := time.Date(2026, 1, 1, 0, 0, 0, 0, zone).Zone()
		fmt.Println(name, offset/3600)
	}
}
