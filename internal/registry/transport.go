package registry

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// transport connects to registries. A Dockerfile names any host it likes, so
// addresses at which no registry is, but what machines tell about themselves, are
// not asked: link-local ones (RFC 3927, RFC 4291; cloud metadata).
func transport() *http.Transport {
	dialer := net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if ip := at.Addr().Unmap(); ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
			return fmt.Errorf("%s is no address of a registry", ip)
		}
		return nil
	}}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
	}
}

// redirect follows to where registries keep their files, but never out of TLS.
func redirect(r *http.Request, via []*http.Request) error {
	if len(via) >= 5 {
		return errors.New("it redirects too often")
	}
	if via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return errors.New("it redirects to what is not encrypted")
	}
	return nil
}

// bounded ends every answer that is larger than a document may be.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = &bounding{body: res.Body, left: maxDocument}
	return res, nil
}

type bounding struct {
	body io.ReadCloser
	left int64
}

func (b *bounding) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n, errTooLarge
	}
	return n, err
}

func (b *bounding) Close() error { return b.body.Close() }
