package builder

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/containerd/log"
	"github.com/moby/buildkit/client"
	_ "github.com/moby/buildkit/client/connhelper/dockercontainer" // docker-container://NAME, as buildx makes them
	_ "github.com/moby/buildkit/client/connhelper/podmancontainer" // podman-container://NAME
	_ "github.com/moby/buildkit/client/connhelper/ssh"             // ssh://HOST
)

// Options say which builder to use.
type Options struct {
	// Address is a BuildKit address, "docker", "podman" or "buildah"; "" looks for
	// one: BUILDKIT_HOST, BuildKit's usual socket, Docker, podman, buildah.
	Address  string
	Getenv   func(string) string
	Progress Progress
	Agent    string // a static drydock for Linux, to be mounted into what is started; "" starts nothing
}

// systemSocket is where BuildKit listens if nothing else is said.
const systemSocket = "/run/buildkit/buildkitd.sock"

// Find gives the builder to use. The error is a *NoneError if there is none.
func Find(ctx context.Context, o Options) (Builder, error) {
	// The stores of image layouts warn of file systems without fs-verity.
	_ = log.SetLevel("error")
	if o.Address != "" {
		b, err := o.open(ctx, o.Address)
		if err != nil {
			return nil, fmt.Errorf("--builder %s: %w", o.Address, err)
		}
		return b, nil
	}
	if host := o.Getenv("BUILDKIT_HOST"); host != "" {
		b, err := o.open(ctx, host)
		if err != nil {
			return nil, fmt.Errorf("BUILDKIT_HOST %s: %w", host, err)
		}
		return b, nil
	}
	none := &NoneError{}
	for _, address := range []string{"unix://" + systemSocket, "docker", "podman", "buildah"} {
		b, err := o.open(ctx, address)
		if err == nil {
			return b, nil
		}
		none.Tried = append(none.Tried, fmt.Sprintf("%s: %v", address, err))
	}
	return nil, none
}

func (o Options) open(ctx context.Context, address string) (Builder, error) {
	switch address {
	case "docker":
		return o.docker(ctx)
	case "podman", "buildah":
		program, err := exec.LookPath(address)
		if err != nil {
			return nil, fmt.Errorf("no %s in PATH", address)
		}
		if address == "buildah" {
			return newBuildah(program, o), nil
		}
		return newPodman(program, o), nil
	}
	if socket, ok := strings.CutPrefix(address, "unix://"); ok {
		if _, err := os.Stat(socket); err != nil {
			return nil, fmt.Errorf("no socket there")
		}
	}
	c, err := client.New(ctx, address)
	if err != nil {
		return nil, err
	}
	return o.buildkit(ctx, c, "BuildKit at "+address)
}

// buildkit checks that a client's builder answers.
func (o Options) buildkit(ctx context.Context, c *client.Client, name string) (*BuildKit, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := c.ListWorkers(ctx); err != nil { // which BuildKits of all ages know
		c.Close()
		return nil, fmt.Errorf("it does not answer: %w", err)
	}
	return &BuildKit{name: name, client: c, progress: o.Progress, agent: o.Agent}, nil
}

// docker gives the BuildKit inside Docker, which its API speaks after an upgrade
// of the connection, as buildx's driver "docker" uses it.
func (o Options) docker(ctx context.Context) (*BuildKit, error) {
	host := o.Getenv("DOCKER_HOST")
	if host == "" {
		host = "unix:///var/run/docker.sock"
	}
	network, address, ok := strings.Cut(host, "://")
	if !ok || network != "unix" && network != "tcp" {
		return nil, fmt.Errorf("DOCKER_HOST %s is no unix:// or tcp:// address", host)
	}
	if network == "tcp" && o.Getenv("DOCKER_TLS_VERIFY") != "" {
		return nil, fmt.Errorf("DOCKER_HOST %s wants TLS, which is not supported: name a BuildKit with --builder", host)
	}
	dial := func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}
	if conn, err := dial(ctx); err != nil {
		return nil, err
	} else {
		conn.Close()
	}
	c, err := client.New(ctx, "",
		client.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return upgrade(ctx, dial, "/grpc", "h2c", nil)
		}),
		client.WithSessionDialer(func(ctx context.Context, proto string, meta map[string][]string) (net.Conn, error) {
			return upgrade(ctx, dial, "/session", proto, meta)
		}))
	if err != nil {
		return nil, err
	}
	b, err := o.buildkit(ctx, c, "Docker at "+host)
	if err != nil {
		return nil, err
	}
	b.rootfsOnly = !exportsArchives(ctx, c)
	return b, nil
}

// exportsArchives reports whether Docker keeps its images in containerd: only
// then its BuildKit exports OCI archives. The worker of the other kind names no
// snapshotter (moby/builder/builder-next/worker; Docker 20.10 gives no labels at all).
func exportsArchives(ctx context.Context, c *client.Client) bool {
	workers, err := c.ListWorkers(ctx)
	return err == nil && slices.ContainsFunc(workers, func(w *client.WorkerInfo) bool {
		return w.Labels["org.mobyproject.buildkit.worker.snapshotter"] != ""
	})
}
