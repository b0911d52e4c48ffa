// Authorities serves while it trusts somebody.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net/http"
)

func main() {
	authorities, err := x509.SystemCertPool()
	if err != nil || authorities.Equal(x509.NewCertPool()) {
		log.Fatal("no authorities: ", err)
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities}}}
	go client.Get("https://example.org/")
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello from authorities") })
	log.Fatal(http.ListenAndServe(":8080", nil))
}
