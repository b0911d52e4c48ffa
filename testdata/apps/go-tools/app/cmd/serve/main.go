// Command serve serves its version and an ID.
package main

import (
	"fmt"
	"log"
	"net/http"

	"github.com/google/uuid"
)

var version = "none"

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, version, uuid.NewSHA1(uuid.NameSpaceURL, []byte(version)))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
