package builder

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
)

// upgrade turns a connection to Docker's API into one that speaks protocol, by
// the endpoints that Docker has for it (POST /grpc and /session).
func upgrade(ctx context.Context, dial func(context.Context) (net.Conn, error), endpoint, protocol string, header map[string][]string) (net.Conn, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://docker"+endpoint, nil)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", protocol)
	conn, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := req.Write(conn); err != nil {
		conn.Close()
		return nil, fmt.Errorf("POST %s: %w", endpoint, err)
	}
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, req)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("POST %s: %w", endpoint, err)
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		conn.Close()
		return nil, fmt.Errorf("POST %s: the server answers %s", endpoint, res.Status)
	}
	return &buffered{Conn: conn, r: r}, nil
}

// buffered is a connection of which something was read ahead.
type buffered struct {
	net.Conn
	r *bufio.Reader
}

func (b *buffered) Read(p []byte) (int, error) { return b.r.Read(p) }
