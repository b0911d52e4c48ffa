package gitea

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/internal/forge"
)

// A transport authorises requests to one server, sends writes one by one, and waits
// where the server, or a proxy before it, says that it is too much.
type transport struct {
	next  http.RoundTripper
	base  *url.URL
	token func(context.Context) (string, error) // nil: anonymous
	sleep func(context.Context, time.Duration) error

	writing sync.Mutex
}

// A server of one's own has no documented limits.
const (
	withoutHint = time.Minute
	longestWait = time.Hour
	triesOfRead = 4
)

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	read := req.Method == http.MethodGet || req.Method == http.MethodHead
	if !read {
		t.writing.Lock()
		defer t.writing.Unlock()
	}
	for try := 1; ; try++ {
		res, err := t.send(req)
		if err != nil {
			return nil, err
		}
		var pause time.Duration
		switch after, err := strconv.Atoi(res.Header.Get("Retry-After")); {
		case res.StatusCode == http.StatusTooManyRequests && err == nil && after >= 0:
			pause = time.Duration(after) * time.Second
		case res.StatusCode == http.StatusTooManyRequests:
			pause = withoutHint
		case read && res.StatusCode >= 500 && try < triesOfRead:
			pause = time.Duration(try) * time.Second
		default:
			return res, nil
		}
		res.Body.Close()
		if err := t.sleep(req.Context(), min(pause, longestWait)); err != nil {
			return nil, err
		}
	}
}

func (t *transport) send(req *http.Request) (*http.Response, error) {
	again := req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		again.Body = body
	}
	var token string
	if t.token != nil && req.URL.Host == t.base.Host && req.URL.Scheme == t.base.Scheme {
		var err error
		if token, err = t.token(req.Context()); err != nil {
			return nil, err
		}
		again.Header.Set("Authorization", "token "+token)
	}
	res, err := t.next.RoundTrip(again)
	if err != nil {
		return nil, err
	}
	return res, forge.Hush(res, token)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
