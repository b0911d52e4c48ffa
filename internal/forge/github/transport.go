package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/internal/forge"
)

// What GitHub asks of integrators, in its "Best practices for using the REST API"
// and "Rate limits for the REST API".
const (
	betweenWrites = time.Second
	withoutHint   = time.Minute // to wait where the answer does not say how long
	longestWait   = time.Hour   // a primary limit is reset within one
	triesOfRead   = 4           // of a request that the server failed at
)

// A transport authorises requests to one host, paces writes and waits where
// GitHub says that a limit is reached.
type transport struct {
	next        http.RoundTripper
	host        string
	credentials credentials // nil: anonymous
	clock       clock
	pace        time.Duration // between writes
	waits       func(time.Duration)

	writing   sync.Mutex
	lastWrite time.Time

	mu    sync.Mutex
	spent map[string]time.Time // limits of which nothing is left, until when
}

// A clock tells time and passes it. Tests have one of their own.
type clock struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
}

var systemClock = clock{
	now: time.Now,
	sleep: func(ctx context.Context, d time.Duration) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		}
	},
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if forge.IsRead(req) {
		return t.patiently(req)
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	if rest := t.lastWrite.Add(t.pace).Sub(t.clock.now()); rest > 0 {
		if err := t.clock.sleep(req.Context(), rest); err != nil {
			return nil, err
		}
	}
	defer func() { t.lastWrite = t.clock.now() }()
	return t.patiently(req)
}

// patiently sends a request until it is not refused for a limit. A read that the
// server failed at is tried again as well; a write is not, since it may have been
// done.
func (t *transport) patiently(req *http.Request) (*http.Response, error) {
	wait, again := withoutHint, false
	for try := 1; ; try++ {
		if err := t.untilReset(req); err != nil {
			return nil, err
		}
		res, token, err := t.send(req)
		if err != nil {
			return nil, err
		}
		t.notice(req, res)
		if res.StatusCode == http.StatusUnauthorized && !again {
			// A token lasts an hour, or until somebody takes it back.
			again = true
			if fresh, err := t.another(req, token); err != nil || fresh {
				res.Body.Close()
				if err != nil {
					return nil, err
				}
				continue
			}
		}
		pause, limited, err := t.pause(res)
		if err != nil {
			return nil, err
		}
		switch {
		case limited && pause == 0:
			pause = wait
			wait = min(2*wait, longestWait)
		case limited:
		case forge.IsRead(req) && res.StatusCode >= 500 && try < triesOfRead:
			pause = time.Duration(try) * time.Second
		default:
			forget(res)
			return res, nil
		}
		res.Body.Close()
		if t.rest(req) > 0 && waitsNot(req) {
			return nil, errSpent
		}
		if err := t.wait(req, pause); err != nil {
			return nil, err
		}
	}
}

// limitOf names the limit that a request counts against, as the header
// X-RateLimit-Resource does. An App has one at each owner.
func (t *transport) limitOf(req *http.Request) string {
	owner := ""
	if _, isApp := t.credentials.(*installations); isApp {
		owner = OwnerOf(req)
	}
	switch path := req.URL.Path; {
	case strings.HasSuffix(path, "/graphql"):
		return "graphql " + owner
	case strings.Contains(path, "/search/"):
		return "search " + owner
	}
	return "core " + owner
}

// another reports whether there is another token than the one that was refused.
func (t *transport) another(req *http.Request, refused string) (bool, error) {
	if refused == "" {
		return false, nil
	}
	t.credentials.refused(OwnerOf(req), refused)
	token, err := t.credentials.token(req.Context(), OwnerOf(req))
	return token != refused, err
}

// notice keeps in mind that nothing is left of a limit.
func (t *transport) notice(req *http.Request, res *http.Response) {
	reset, known := seconds(res.Header.Get("X-RateLimit-Reset"))
	if !known || res.Header.Get("X-RateLimit-Remaining") != "0" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.spent == nil {
		t.spent = map[string]time.Time{}
	}
	t.spent[t.limitOf(req)] = time.Unix(int64(reset/time.Second), 0).Add(time.Second)
}

// rest is how long it takes until there is something left of a limit.
func (t *transport) rest(req *http.Request) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.spent[t.limitOf(req)].Sub(t.clock.now())
}

// untilReset waits where the last answer said that nothing is left.
func (t *transport) untilReset(req *http.Request) error {
	rest := t.rest(req)
	switch {
	case rest <= 0:
		return nil
	case waitsNot(req):
		return errSpent
	}
	return t.wait(req, rest)
}

type withoutWaitingKey struct{}

var errSpent = errors.New("nothing is left of the limit")

// withoutWaiting gives a context under which a request fails where nothing is left of
// its limit, since there is another way.
func withoutWaiting(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutWaitingKey{}, true)
}

func waitsNot(req *http.Request) bool { return req.Context().Value(withoutWaitingKey{}) != nil }

// wait passes time for a limit.
func (t *transport) wait(req *http.Request, d time.Duration) error {
	d = min(d, longestWait)
	if t.waits != nil {
		t.waits(d)
	}
	return t.clock.sleep(req.Context(), d)
}

// forget hides what an answer says of limits from the library, which would refuse
// the next call where this package waits.
func forget(res *http.Response) {
	for name := range res.Header {
		if strings.HasPrefix(name, "X-Ratelimit-") {
			res.Header.Del(name)
		}
	}
}

// send sends a request, and tells the token that it was sent with.
func (t *transport) send(req *http.Request) (res *http.Response, token string, err error) {
	again := req.Clone(req.Context())
	if req.GetBody != nil {
		if again.Body, err = req.GetBody(); err != nil {
			return nil, "", err
		}
	}
	// A redirect may lead elsewhere, and the token does not go along.
	if t.credentials != nil && req.URL.Host == t.host {
		if token, err = t.credentials.token(req.Context(), OwnerOf(req)); err != nil {
			return nil, "", err
		}
		again.Header.Set("Authorization", "Bearer "+token)
	}
	if res, err = t.next.RoundTrip(again); err != nil {
		return nil, "", err
	}
	return res, token, forge.Hush(res, token)
}

// pause says whether an answer is about a limit, and how long to wait; 0 if the
// answer does not tell. The body can still be read.
func (t *transport) pause(res *http.Response) (wait time.Duration, limited bool, err error) {
	graphQL := res.StatusCode == http.StatusOK && strings.HasSuffix(res.Request.URL.Path, "/graphql")
	if res.StatusCode != http.StatusForbidden && res.StatusCode != http.StatusTooManyRequests && !graphQL {
		return 0, false, nil
	}
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(res.Body, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return 0, false, err
	}
	head = head[:n]
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), res.Body), res.Body}

	after, hinted := seconds(res.Header.Get("Retry-After"))
	spent := res.Header.Get("X-RateLimit-Remaining") == "0"
	switch {
	case graphQL && !graphQLLimited(head):
		return 0, false, nil
	case hinted:
		return after, true, nil
	case spent:
		reset, known := seconds(res.Header.Get("X-RateLimit-Reset"))
		if !known {
			return 0, true, nil
		}
		return max(time.Unix(int64(reset/time.Second), 0).Sub(t.clock.now()), 0) + time.Second, true, nil
	case res.StatusCode == http.StatusForbidden:
		text := strings.ToLower(string(head))
		return 0, strings.Contains(text, "rate limit") || strings.Contains(text, "abuse detection"), nil
	}
	return 0, true, nil
}

func seconds(header string) (time.Duration, bool) {
	n, err := strconv.ParseInt(header, 10, 64)
	if err != nil || n < 0 {
		return 0, false
	}
	return time.Duration(n) * time.Second, true
}

// graphQLLimited reports whether GraphQL says with a 200 that a limit is reached.
func graphQLLimited(body []byte) bool {
	var answer struct {
		Errors []struct{ Type string }
	}
	if json.Unmarshal(body, &answer) != nil {
		return false
	}
	for _, e := range answer.Errors {
		if e.Type == "RATE_LIMITED" {
			return true
		}
	}
	return false
}
