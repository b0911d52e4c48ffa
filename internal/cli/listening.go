package cli

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/drydock-dev/drydock/internal/serve"
)

// Bounds on requests, and on how long those at hand may take in the end.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 2 * time.Minute // an export is long
	idleTimeout   = 2 * time.Minute
	lastRequests  = 10 * time.Second
	maxHeader     = 64 << 10 // bytes
)

// A listening answers requests from the start on; what with, Open says later.
type listening struct {
	serve.Front
	address net.Addr
	server  *http.Server
	logger  *slog.Logger
	ended   chan error
}

// listen begins to. The caller waits for it, or closes it.
func listen(address string, logger *slog.Logger) (*listening, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, usagef("--listen: %v", err)
	}
	l := &listening{address: listener.Addr(), logger: logger, ended: make(chan error, 1)}
	l.server = &http.Server{
		Handler: &l.Front, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	logger.Info("listens", "address", "http://"+l.address.String())
	go func() { l.ended <- l.server.Serve(listener) }()
	return l, nil
}

// wait answers until the context ends, or it fails, and then lets the requests at
// hand end.
func (l *listening) wait(ctx context.Context) error {
	select {
	case err := <-l.ended:
		return err
	case <-ctx.Done():
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), lastRequests)
	defer stop()
	if err := l.server.Shutdown(last); err != nil {
		l.logger.Warn("requests were cut off", "cause", err)
	}
	if err := <-l.ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// close cuts all requests off.
func (l *listening) close() { l.server.Close() }
