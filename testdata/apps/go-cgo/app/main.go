// Command version serves the version of the SQLite that it is linked to.
package main

/*
#cgo LDFLAGS: -lsqlite3
#include <sqlite3.h>
*/
import "C"

import (
	"fmt"
	"log"
	"net/http"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "sqlite", C.GoString(C.sqlite3_libversion()))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
