package cli

import (
	"cmp"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/internal/campaign/meter"
	"github.com/drydock-dev/drydock/internal/campaign/reconcile"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/forge"
	"github.com/drydock-dev/drydock/internal/forge/gitea"
	"github.com/drydock-dev/drydock/internal/forge/github"
	"github.com/drydock-dev/drydock/internal/forge/local"
)

// hubs connects to the forges of campaigns, to each once.
type hubs struct {
	store  *store.Store
	getenv func(string) string
	limits store.Limits // of an account on GitHub

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
	if server, ok := strings.CutPrefix(address, forge.GiteaScheme); ok {
		options, err := giteaAs(server, h.getenv)
		if err != nil {
			return reconcile.Connection{}, err
		}
		// It has no limits but those that the server names.
		options.Transport = &meter.Transport{Next: http.DefaultTransport, Store: h.store, Identity: func(*http.Request) string { return address }}
		options.Cache = forge.Tiers{&forge.Memory{Bytes: github.CacheBytes}, &store.Answers{Store: h.store, Forge: address, Bytes: store.AnswerBytes}}
		hub, err := gitea.New(options)
		return reconcile.Connection{Forge: hub, Identity: address}, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return reconcile.Connection{}, err
	}
	if u.Scheme == "file" {
		return reconcile.Connection{Forge: local.Forge{Dir: filepath.FromSlash(u.Path)}}, nil
	}
	return h.onGitHub(address)
}

// onGitHub acts as an App, or as whom a token belongs to.
func (h *hubs) onGitHub(address string) (reconcile.Connection, error) {
	options, err := gitHubAs(h.getenv)
	if err != nil {
		return reconcile.Connection{}, err
	}
	options.Pace = -1 // the budget's, over all workers
	if address != "github.com" {
		options.API = address
	}
	// Whoever shares the database shares the account, and so its budget.
	pays := &payers{store: h.store, limits: h.limits, account: address, byOwner: options.App != nil}
	options.Transport = &meter.Transport{Next: http.DefaultTransport, Store: h.store, Identity: pays.of, Patience: meter.DefaultPatience}
	options.Cache = forge.Tiers{&forge.Memory{Bytes: github.CacheBytes}, &store.Answers{Store: h.store, Forge: address, Bytes: store.AnswerBytes}}
	hub, err := github.New(options)
	return reconcile.Connection{Forge: hub, Identity: address}, err
}

// payers name who pays for a request: the account, or the App's installation at an
// owner. Each is given its limits when it first does.
type payers struct {
	store   *store.Store
	limits  store.Limits
	account string
	byOwner bool

	mu    sync.Mutex
	known map[string]bool
}

func (p *payers) of(req *http.Request) string {
	name := p.account
	if p.byOwner {
		name += " at " + cmp.Or(strings.ToLower(github.OwnerOf(req)), "nobody")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.known[name] {
		// Where this fails, so does paying.
		if err := p.store.SetLimits(req.Context(), name, p.limits); err == nil {
			if p.known == nil {
				p.known = map[string]bool{}
			}
			p.known[name] = true
		}
	}
	return name
}
