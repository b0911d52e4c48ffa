package github

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/internal/forge/fake"
)

func TestWhatDidNotArriveIsSentAgain(t *testing.T) {
	server := fake.New(t)
	server.Add("acme/shop", files)
	f, clock := asApp(t, server)
	status := []int{http.StatusServiceUnavailable, http.StatusAccepted, http.StatusUnauthorized}
	var mu sync.Mutex
	var came []string
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		guid := r.Header.Get("X-GitHub-Delivery")
		came = append(came, guid[len(guid)-1:])
		if len(came) <= len(status) {
			w.WriteHeader(status[len(came)-1])
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer hook.Close()
	arrived := func(want ...string) {
		t.Helper()
		for end := time.Now().Add(time.Minute); server.Attempts() < len(want); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				break
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(came, want) {
			t.Errorf("%v, want %v", came, want)
		}
	}
	start := clock.at
	for range 3 {
		server.PushTo("acme/shop", "main", map[string]string{"x": time.Now().String()})
	}
	for _, d := range server.Deliveries() {
		server.Send(d, hook.URL, "secret")
	}
	want := []string{"1", "2", "3"} // unavailable, taken, refused
	for range mostDeliveries - 1 {
		if n, err := f.Redeliver(t.Context(), start); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		want = append(want, "1")
		arrived(want...)
	}
	if n, err := f.Redeliver(t.Context(), start); n != 0 || err != nil {
		t.Errorf("%d are sent without end, %v", n, err)
	}
	if n, err := f.Redeliver(t.Context(), start.Add(time.Hour)); n != 0 || err != nil {
		t.Error(n, err)
	}
	asUser, _ := connect(t, server)
	if n, err := asUser.Redeliver(t.Context(), start); n != 0 || err != nil {
		t.Error(n, err)
	}
}
