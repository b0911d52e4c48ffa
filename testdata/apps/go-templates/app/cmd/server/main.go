// Command server answers with a page made from a template.
package main

import (
	"html/template"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	pages := template.Must(template.ParseGlob("templates/*.html"))
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/static/", http.StripPrefix("/static/", http.FileServer(http.Dir("static"))))
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		pages.ExecuteTemplate(w, "index.html", time.Unix(0, 0).In(zone).Format(time.RFC3339))
	})
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
