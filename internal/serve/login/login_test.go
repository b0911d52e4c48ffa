package login

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const good = "a-good-token-0123456789"

func TestTokens(t *testing.T) {
	t.Parallel()
	tokens, err := ParseTokens("ann:operator:" + good + ", bob:reader:with:colons-0123456789\n")
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]User{
		good: {"ann", Operator}, "with:colons-0123456789": {"bob", Reader}, good + "x": {}, "": {}, good[:len(good)-1]: {},
	} {
		if got := tokens.Who(token); got != want {
			t.Errorf("%q: %+v", token, got)
		}
	}
	if got := tokens.Marked(Mark(good)); got.Name != "ann" {
		t.Errorf("%+v", got)
	}
	if got := tokens.Marked(Mark("gone")); got != (User{}) {
		t.Errorf("%+v", got)
	}
	for text, why := range map[string]string{
		"ann:" + good: "entry 1 is not of the form", "ann:root:" + good: "the role of entry 1", "ann:reader:short": "shorter than 20", "a:reader:" + good + ",:reader:" + good: "entry 2",
	} {
		if _, err := ParseTokens(text); err == nil || !strings.Contains(err.Error(), why) || strings.Contains(err.Error(), good) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if !(Tokens{}).IsEmpty() || (Tokens{}).Who("") != (User{}) {
		t.Error("the zero value lets somebody in")
	}
}

// carried gives a request with the cookies that were set.
func carried(w *httptest.ResponseRecorder) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge >= 0 {
			r.AddCookie(c)
		}
	}
	return r
}

func TestSessions(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := NewSessions([]byte(strings.Repeat("k", 32)), &url.URL{Scheme: "https"})
	s.now = func() time.Time { return now }
	w := httptest.NewRecorder()
	s.Begin(w, User{"ann", Operator}, "")
	c := w.Result().Cookies()[0]
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || !strings.HasPrefix(c.Name, "__Host-") || c.Path != "/" || c.Domain != "" {
		t.Errorf("%+v", c)
	}
	r := carried(w)
	got := s.Read(r)
	if got.User != (User{"ann", Operator}) {
		t.Errorf("%+v", got)
	}
	token := s.FormToken(got)
	if !s.IsFormToken(got, token) || s.IsFormToken(Session{}, s.FormToken(Session{})) || s.IsFormToken(got, token+"x") || s.IsFormToken(got, "") {
		t.Error("form tokens")
	}
	other := httptest.NewRecorder()
	s.Begin(other, User{"ann", Operator}, "")
	if s.IsFormToken(s.Read(carried(other)), token) {
		t.Error("the form of another session")
	}
	for name, value := range map[string]string{
		"cut": c.Value[:len(c.Value)-2], "no signature": strings.Split(c.Value, ".")[0], "changed": "x" + c.Value, "empty": "", "dot": ".",
	} {
		forged := httptest.NewRequest(http.MethodGet, "/", nil)
		forged.AddCookie(&http.Cookie{Name: c.Name, Value: value})
		if got := s.Read(forged); got.User != (User{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := NewSessions(nil, &url.URL{Scheme: "https"}).Read(r); got.User != (User{}) {
		t.Errorf("another key: %+v", got)
	}
	now = now.Add(Lifetime)
	if got := s.Read(r); got.User != (User{}) {
		t.Errorf("after its time: %+v", got)
	}
}

// TestPurposes: what is signed for one purpose is no session.
func TestPurposes(t *testing.T) {
	t.Parallel()
	s := NewSessions(nil, nil)
	w := httptest.NewRecorder()
	s.set(w, "attempt", sealed{Name: "eve", Role: Operator, Until: time.Now().Add(time.Hour).Unix()}, time.Hour)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: s.name("session"), Value: w.Result().Cookies()[0].Value})
	if got := s.Read(r); got.User != (User{}) {
		t.Errorf("%+v", got)
	}
}
