package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// Inbox keeps deliveries.
type Inbox interface {
	Deliver(ctx context.Context, d store.Delivery) (first bool, err error)
}

// A Receiver takes deliveries of one sender. All fields are needed.
type Receiver struct {
	Sender Sender
	Secret []byte
	Inbox  Inbox
	Logger *slog.Logger
	Came   func(event, result string) // counts them
}

// macSize is the length of a signature, in bytes.
const macSize = sha256.Size

const (
	// maxBody bounds a delivery, in bytes: GitHub caps payloads at 25 MB
	// (https://docs.github.com/en/webhooks/webhook-events-and-payloads).
	maxBody = 25 << 20
	// maxHeader bounds the headers that are stored. A GUID has 36 characters.
	maxHeader = 100
	// Large deliveries are held in memory few at a time, and small ones, as nearly all
	// are, do not wait for them: whoever sends large ones slowly keeps nobody out.
	small  = 256 << 10 // bytes
	atOnce = 8
	// within is how long a delivery may take to come. GitHub gives up after as long.
	within = 10 * time.Second
)

// Handler takes the deliveries.
func (r *Receiver) Handler() http.Handler {
	places := make(chan struct{}, atOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		// Where it cannot be set, the server's own holds.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(within))
		if request.ContentLength >= 0 && request.ContentLength <= small {
			r.take(w, request)
			return
		}
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			r.take(w, request)
		case <-request.Context().Done():
		}
	})
}

func (r *Receiver) take(w http.ResponseWriter, request *http.Request) {
	refuse := func(status int, result, why string) {
		r.Came("", result)
		http.Error(w, why, status)
	}
	macs := r.Sender.macs(request)
	if len(macs) == 0 {
		refuse(http.StatusUnauthorized, "unsigned", "there is no signature")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, maxBody))
	if err != nil {
		refuse(http.StatusRequestEntityTooLarge, "too large", "this is too large, or was cut off")
		return
	}
	expected := hmac.New(sha256.New, r.Secret)
	expected.Write(body)
	sum := expected.Sum(nil)
	if slices.ContainsFunc(macs, func(mac []byte) bool { return !hmac.Equal(mac, sum) }) {
		refuse(http.StatusUnauthorized, "forged", "the signature does not hold")
		return
	}
	name, guid := header(request, r.Sender.event), header(request, r.Sender.guid)
	if name == "" || guid == "" || len(name) > maxHeader || len(guid) > maxHeader {
		refuse(http.StatusBadRequest, "odd", "the headers lack the event or the delivery")
		return
	}
	event, err := r.Sender.parse(name, body)
	if err != nil {
		refuse(http.StatusBadRequest, "odd", "the payload cannot be read: is the content type application/json?")
		return
	}
	if event == nil {
		r.Came(known(name), "of no concern")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	payload, err := json.Marshal(event)
	if err != nil {
		refuse(http.StatusInternalServerError, "failed", "this cannot be stored")
		return
	}
	first, err := r.Inbox.Deliver(request.Context(), store.Delivery{App: string(r.Sender.kind), GUID: guid, Event: name, Repository: event.Repository, Payload: string(payload)})
	if err != nil {
		r.Logger.Error("a webhook cannot be stored", "guid", guid, "cause", err)
		refuse(http.StatusServiceUnavailable, "failed", "the database does not answer")
		return
	}
	if !first {
		r.Came(known(name), "known already")
		w.WriteHeader(http.StatusOK)
		return
	}
	r.Came(known(name), "taken")
	w.WriteHeader(http.StatusAccepted)
}
