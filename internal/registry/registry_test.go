package registry_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	real "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/drydock-dev/drydock/internal/registry"
)

var amd64 = ocispec.Platform{OS: "linux", Architecture: "amd64"}

// serve runs a registry that holds an image, app, and an index of two, both; guard
// stands before it, nil for none.
func serve(t *testing.T, guard func(http.Handler) http.Handler) (host string) {
	t.Helper()
	store := real.New(real.Logger(log.New(io.Discard, "", 0)))
	open := httptest.NewServer(store)
	t.Cleanup(open.Close)
	at := strings.TrimPrefix(open.URL, "http://")
	push := func(repository, arch string) v1.Image {
		img, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "linux", Architecture: arch, Config: v1.Config{
			Env: []string{"ARCH=" + arch}, Entrypoint: []string{"/start"}, User: "app",
		}})
		if err != nil {
			t.Fatal(err)
		}
		ref, err := name.ParseReference(at + "/" + repository)
		if err != nil {
			t.Fatal(err)
		}
		if err := remote.Write(ref, img); err != nil {
			t.Fatal(err)
		}
		return img
	}
	index := v1.ImageIndex(empty.Index)
	for _, arch := range []string{"arm64", "amd64"} {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: push("app:"+arch, arch), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}},
		})
	}
	ref, err := name.ParseReference(at + "/both:latest")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(ref, index); err != nil {
		t.Fatal(err)
	}
	if guard == nil {
		return at
	}
	guarded := httptest.NewServer(guard(store))
	t.Cleanup(guarded.Close)
	return strings.TrimPrefix(guarded.URL, "http://")
}

// asked asks for an image, and gives its ARCH and what was said of a failure.
func asked(t *testing.T, o registry.Options, ref string, platform ocispec.Platform) (arch, said string) {
	t.Helper()
	o.Failed = func(_ string, err error) { said = err.Error() }
	text := registry.New(o).Config(t.Context(), ref, platform)
	if text == nil {
		return "", said
	}
	var config ocispec.Image
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	if len(config.Config.Env) != 1 || config.Config.User != "app" {
		t.Fatalf("%s", text)
	}
	return strings.TrimPrefix(config.Config.Env[0], "ARCH="), said
}

func TestConfigIsTheRegistrys(t *testing.T) {
	host := serve(t, nil)
	for ref, want := range map[string]string{"app:amd64": "amd64", "both": "amd64", "both:latest": "amd64"} {
		if arch, said := asked(t, registry.Options{}, host+"/"+ref, amd64); arch != want || said != "" {
			t.Errorf("%s: %q %s", ref, arch, said)
		}
	}
	arm := ocispec.Platform{OS: "linux", Architecture: "arm64"}
	if arch, said := asked(t, registry.Options{}, host+"/both", arm); arch != "arm64" {
		t.Errorf("%q %s", arch, said)
	}
}

func TestConfigIsOfThePlatform(t *testing.T) {
	host := serve(t, nil)
	windows := ocispec.Platform{OS: "windows", Architecture: "amd64"}
	for ref, want := range map[string]string{"app:arm64": "it has the image for linux/arm64 only", "both": "it has no image for windows/amd64"} {
		platform := amd64
		if ref == "both" {
			platform = windows
		}
		if arch, said := asked(t, registry.Options{}, host+"/"+ref, platform); arch != "" || said != host+": "+want {
			t.Errorf("%s: %q %q", ref, arch, said)
		}
	}
}

func TestAnImageIsAskedForOnce(t *testing.T) {
	var requests atomic.Int32
	host := serve(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			next.ServeHTTP(w, r)
		})
	})
	images := registry.New(registry.Options{})
	first := images.Config(t.Context(), host+"/both", amd64)
	n := requests.Load()
	if second := images.Config(t.Context(), host+"/both:latest", amd64); string(first) != string(second) || requests.Load() != n || n == 0 {
		t.Errorf("%d and %d requests", n, requests.Load())
	}
}

// answers is a registry that answers all requests alike.
func answers(t *testing.T, with http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(with)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestRefusalsAreSaid(t *testing.T) {
	for want, with := range map[string]http.HandlerFunc{
		"it does not have the image":             http.NotFound,
		"it refuses: is the image private?":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"it has had too many requests from here": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"it answers 500 Internal Server Error":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"it redirects too often":                 func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) },
		"it says more than 4 MB": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
			w.Header().Set("Docker-Content-Digest", "sha256:"+strings.Repeat("0", 64))
			w.Header().Set("Content-Length", fmt.Sprint(4<<20+1))
		},
		"it gives \"text/html\", which is no image": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<p>hello")
		},
	} {
		host := answers(t, with)
		arch, said := asked(t, registry.Options{}, host+"/app", amd64)
		if arch != "" || !strings.HasPrefix(said, host+": "+want) {
			t.Errorf("%q, want %q", said, want)
		}
	}
}

// A login is used where the registry asks for one, and goes to no other.
func TestALoginIsOfItsRegistry(t *testing.T) {
	for _, scheme := range []string{"Basic", "Bearer"} {
		t.Run(scheme, func(t *testing.T) {
			host := serve(t, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					user, secret, _ := r.BasicAuth()
					login := user == "me" && secret == "s3cret"
					switch {
					case r.URL.Path == "/token" && login:
						fmt.Fprint(w, `{"token": "t0ken"}`)
					case scheme == "Basic" && login, r.Header.Get("Authorization") == "Bearer t0ken":
						next.ServeHTTP(w, r)
					default:
						challenge := `Basic realm="here"`
						if scheme == "Bearer" {
							challenge = fmt.Sprintf(`Bearer realm="http://%s/token",service="here",scope="repository:both:pull"`, r.Host)
						}
						w.Header().Set("WWW-Authenticate", challenge)
						w.WriteHeader(http.StatusUnauthorized)
					}
				})
			})
			var hosts []string
			login := func(h string) (string, string, error) {
				hosts = append(hosts, h)
				return "me", "s3cret", nil
			}
			if arch, said := asked(t, registry.Options{Login: login}, host+"/both", amd64); arch != "amd64" {
				t.Errorf("%s", said)
			}
			for _, h := range hosts {
				if h != host {
					t.Errorf("%s is given the login", h)
				}
			}
			want := host + ": it refuses: is the image private? docker login gives the login that is used"
			wrong := func(string) (string, string, error) { return "me", "wrong", nil }
			for _, login := range []func(string) (string, string, error){nil, wrong} {
				if arch, said := asked(t, registry.Options{Login: login}, host+"/both", amd64); arch != "" || said != want {
					t.Errorf("%q %q", arch, said)
				}
			}
		})
	}
}

// One registry that does not answer is waited for once.
func TestWhatIsAwayIsWaitedForOnce(t *testing.T) {
	ended := make(chan struct{})
	host := answers(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	})
	defer close(ended)
	var said []string
	images := registry.New(registry.Options{Limit: 300 * time.Millisecond, Failed: func(ref string, err error) { said = append(said, ref+": "+err.Error()) }})
	start := time.Now()
	for _, ref := range []string{"a", "b", "c"} {
		images.Config(t.Context(), host+"/"+ref, amd64)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it takes %v", took)
	}
	if len(said) != 3 || !strings.HasSuffix(said[2], host+": no answer within 300ms") {
		t.Errorf("%q", said)
	}
	nowhere := answers(t, nil)
	closed := strings.Replace(nowhere, nowhere[strings.Index(nowhere, ":"):], ":1", 1)
	if _, said := asked(t, registry.Options{}, closed+"/a", amd64); !strings.Contains(said, "connection refused") {
		t.Errorf("%q", said)
	}
}

// What a hostile registry says is held to its size and its digest.
func TestHostileAnswersAreNotTaken(t *testing.T) {
	other := func(part string, change func(http.ResponseWriter)) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet && strings.Contains(r.URL.Path, part) {
					change(w)
					return
				}
				next.ServeHTTP(w, r)
			})
		}
	}
	endless := func(w http.ResponseWriter) {
		block := []byte(strings.Repeat(" ", 1<<20))
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
	lie := func(w http.ResponseWriter) {
		fmt.Fprint(w, `{"os":"linux","architecture":"amd64","config":{"User":"app","Env":["ARCH=lie"]}}`)
	}
	for _, c := range []struct {
		name, part string
		answer     func(http.ResponseWriter)
		want       string
	}{
		{"an endless configuration", "/blobs/", endless, "it sends more than it says"},
		{"an endless index", "/manifests/", endless, "it sends more than it says"},
		{"another configuration", "/blobs/", lie, "the configuration: it does not have its digest"},
		{"another index", "/manifests/", lie, "the index: it does not have its digest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			host := serve(t, other(c.part, c.answer))
			if arch, said := asked(t, registry.Options{Limit: 5 * time.Second}, host+"/both", amd64); arch != "" || !strings.HasSuffix(said, c.want) {
				t.Errorf("%q %q", arch, said)
			}
		})
	}
}

// A Dockerfile cannot make drydock ask what a machine tells about itself.
func TestMetadataOfMachinesIsNotAsked(t *testing.T) {
	for _, host := range []string{"169.254.169.254", "[fe80::1]:80"} {
		if _, said := asked(t, registry.Options{Limit: 5 * time.Second}, host+"/app:latest", amd64); said != "" && !strings.Contains(said, "is no address of a registry") {
			t.Errorf("%s: %q", host, said)
		}
	}
	host := answers(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusTemporaryRedirect)
	})
	if _, said := asked(t, registry.Options{Limit: 5 * time.Second}, host+"/app", amd64); !strings.Contains(said, "169.254.169.254 is no address of a registry") {
		t.Errorf("%q", said)
	}
}
