package cli

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"

	"github.com/drydock-dev/drydock/internal/campaign/meter"
	"github.com/drydock-dev/drydock/internal/campaign/reconcile"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge/github"
	"github.com/drydock-dev/drydock/internal/forge/local"
)

// hubs connects to the forges of campaigns, to each once.
type hubs struct {
	store  *store.Store
	getenv func(string) string

	mu        sync.Mutex
	connected map[string]reconcile.Connection
}

func (h *hubs) connect(address string) (reconcile.Connection, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if known, ok := h.connected[address]; ok {
		return known, nil
	}
	made, err := h.dial(address)
	if err != nil {
		return made, err
	}
	if h.connected == nil {
		h.connected = map[string]reconcile.Connection{}
	}
	h.connected[address] = made
	return made, nil
}

func (h *hubs) dial(address string) (reconcile.Connection, error) {
	u, err := url.Parse(address)
	if err != nil {
		return reconcile.Connection{}, err
	}
	if u.Scheme == "file" {
		return reconcile.Connection{Forge: local.Forge{Dir: filepath.FromSlash(u.Path)}}, nil
	}
	token := h.getenv("GH_TOKEN")
	if token == "" {
		token = h.getenv("GITHUB_TOKEN")
	}
	if token == "" {
		return reconcile.Connection{}, errors.New("a token is needed, in GH_TOKEN or GITHUB_TOKEN")
	}
	// Whoever shares the database shares the account, and so its budget.
	identity := address
	if err := h.store.SetLimits(context.Background(), identity, store.GitHub()); err != nil {
		return reconcile.Connection{}, err
	}
	options := github.Options{
		Pace:      -1, // the budget's, over all workers
		Token:     func(context.Context) (string, error) { return token, nil },
		Transport: &meter.Transport{Next: http.DefaultTransport, Store: h.store, Identity: identity, Patience: meter.DefaultPatience},
	}
	if address != "github.com" {
		options.API = address
	}
	hub, err := github.New(options)
	return reconcile.Connection{Forge: hub, Identity: identity}, err
}
