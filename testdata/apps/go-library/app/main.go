package main

import (
	"html/template"
	"log"
	"net/http"

	"example.org/stats/api"
)

func main() {
	page := template.Must(template.ParseFiles("/go/src/example.org/stats/templates/index.tmpl"))
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { page.Execute(w, api.Hello()) })
	log.Fatal(http.ListenAndServe(":8080", nil))
}
