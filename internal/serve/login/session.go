package login

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Lifetime is how long a session lasts.
const Lifetime = 12 * time.Hour

// Sessions makes and reads the cookies of sessions.
type Sessions struct {
	key    []byte
	secure bool // cookies travel over TLS only
	now    func() time.Time
}

// NewSessions makes sessions of a key, which all machines that serve the same
// address share; nil is a random key, whose sessions end with the process. address
// is what people reach them by, nil if it is not known.
func NewSessions(key []byte, address *url.URL) *Sessions {
	if len(key) == 0 {
		key = make([]byte, 32)
		rand.Read(key) // never fails
	}
	return &Sessions{key: key, secure: address != nil && address.Scheme == "https", now: time.Now}
}

// A Session is what a cookie says. The zero value is of somebody who has not
// logged in.
type Session struct {
	User User
	// Token is the mark of what the session began with: a token, or the OIDC issuer as
	// it was set up then. A session is no more than that is.
	Token string
	// ID names the session where it is remembered that it has ended. It is no secret:
	// the cookie cannot be made of it.
	ID    string
	Until time.Time // it ends by itself
	nonce string
}

// A sealed is the form of a session in its cookie.
type sealed struct {
	Name  string `json:"n"`
	Role  Role   `json:"r"`
	Token string `json:"t,omitempty"`
	Until int64  `json:"u"` // seconds since 1970
	Nonce string `json:"x"`
}

// name of a cookie. A browser takes one with __Host- only over TLS, from this very
// host (RFC 6265bis, section 4.1.3.2).
func (s *Sessions) name(of string) string {
	if s.secure {
		return "__Host-drydock-" + of
	}
	return "drydock-" + of
}

// Begin starts a session, with the mark of what it begins with.
func (s *Sessions) Begin(w http.ResponseWriter, u User, token string) {
	s.set(w, "session", sealed{Name: u.Name, Role: u.Role, Token: token, Until: s.now().Add(Lifetime).Unix(), Nonce: rand.Text()}, Lifetime)
}

// End takes the session from a browser. Whoever has copied the cookie still has it.
func (s *Sessions) End(w http.ResponseWriter) { s.clear(w, "session") }

// Read gives the session of a request.
func (s *Sessions) Read(r *http.Request) Session {
	var c sealed
	if !s.get(r, "session", &c) || c.Until <= s.now().Unix() || c.Role > Operator {
		return Session{}
	}
	id := sha256.Sum256([]byte("session " + c.Nonce))
	return Session{User: User{c.Name, c.Role}, Token: c.Token, ID: hex.EncodeToString(id[:16]), Until: time.Unix(c.Until, 0), nonce: c.Nonce}
}

// FormToken is what the forms of a session carry, so that no other site can send
// them.
func (s *Sessions) FormToken(of Session) string {
	return base64.RawURLEncoding.EncodeToString(s.mac("form", []byte(of.nonce)))
}

// IsFormToken reports whether a form was made for a session.
func (s *Sessions) IsFormToken(of Session, token string) bool {
	return of.nonce != "" && hmac.Equal([]byte(s.FormToken(of)), []byte(token))
}

// mac signs a value for one purpose: what is signed for one is no use for another.
func (s *Sessions) mac(purpose string, value []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(purpose + "\x00"))
	mac.Write(value)
	return mac.Sum(nil)
}

func (s *Sessions) set(w http.ResponseWriter, purpose string, value any, lasting time.Duration) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // no type that is sealed can fail
	}
	encode := base64.RawURLEncoding.EncodeToString
	http.SetCookie(w, &http.Cookie{
		Name: s.name(purpose), Value: encode(text) + "." + encode(s.mac(purpose, text)), Path: "/",
		MaxAge: int(lasting.Seconds()), HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	})
}

func (s *Sessions) clear(w http.ResponseWriter, purpose string) {
	http.SetCookie(w, &http.Cookie{Name: s.name(purpose), Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
}

// get reads a cookie. It reports whether there is one, and this server made it.
func (s *Sessions) get(r *http.Request, purpose string, into any) bool {
	cookie, err := r.Cookie(s.name(purpose))
	if err != nil {
		return false
	}
	text, mac, ok := strings.Cut(cookie.Value, ".")
	value, err := base64.RawURLEncoding.DecodeString(text)
	given, wrong := base64.RawURLEncoding.DecodeString(mac)
	if !ok || err != nil || wrong != nil || !hmac.Equal(given, s.mac(purpose, value)) {
		return false
	}
	return json.Unmarshal(value, into) == nil
}
