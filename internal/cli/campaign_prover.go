package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/drydock-dev/drydock/internal/campaign"
	"github.com/drydock-dev/drydock/internal/engine"
)

// A prover builds for campaigns that verify. The builder is looked for when it is
// first needed.
type prover struct {
	options *Options
	proving *Proving

	once  sync.Once
	err   error
	turns chan struct{} // to build
}

// atOnce is how many repositories are built at the same time, however many are read.
func atOnce() int { return 2 * runtime.GOMAXPROCS(0) }

// maxCheckout is the size in bytes above which a repository is not built.
const maxCheckout = 2 << 30

// Checkout writes the files of a repository to a folder, symlinks as symlinks.
// Submodules stay out: a build that needs one fails, and nothing is proposed.
func (p *prover) Checkout(ctx context.Context, tree fs.FS) (campaign.Checkout, error) {
	p.once.Do(func() {
		p.turns = make(chan struct{}, atOnce())
		p.proving.NoRebuild = false // the pull request tells of it
		if p.options.Quiet {
			p.proving.Progress = "quiet"
		}
		if p.err = p.proving.validate(); p.err == nil {
			p.err = p.proving.connect(ctx, p.options.IO)
		}
	})
	if p.err != nil {
		return nil, p.err
	}
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	dir, err := os.MkdirTemp("", "drydock-checkout-")
	if err != nil {
		<-p.turns
		return nil, err
	}
	c := &checkout{prover: p, dir: dir}
	if err := c.fill(ctx, tree); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// A checkout is a folder with the files of a repository.
type checkout struct {
	prover *prover
	dir    string
}

func (c *checkout) Close() error {
	defer func() { <-c.prover.turns }()
	return os.RemoveAll(c.dir)
}

// fill writes the files. The folder is a root that no path leaves. Modes are those of the
// repository, whatever the umask: a build copies them into the image.
func (c *checkout) fill(ctx context.Context, tree fs.FS) error {
	root, err := os.OpenRoot(c.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	left := int64(maxCheckout)
	return fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case name == ".":
			return nil
		case d.IsDir():
			dir := filepath.FromSlash(name)
			return errors.Join(root.Mkdir(dir, 0o755), root.Chmod(dir, 0o755))
		case d.Type() == fs.ModeSymlink:
			target, err := fs.ReadLink(tree, name)
			if err != nil {
				return err
			}
			return root.Symlink(target, filepath.FromSlash(name))
		case !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if left -= info.Size(); left < 0 {
			return fmt.Errorf("the repository is larger than %d GiB", maxCheckout>>30)
		}
		return copyTo(root, tree, name, info.Mode().Perm())
	})
}

func copyTo(root *os.Root, tree fs.FS, name string, mode fs.FileMode) error {
	from, err := tree.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := root.OpenFile(filepath.FromSlash(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Chmod(mode), to.Close())
}

func (c *checkout) Prove(ctx context.Context, path, text string, around engine.Surroundings, run campaign.Run) (campaign.Proven, error) {
	if around.Context != nil {
		around.Dir = filepath.Join(c.dir, filepath.FromSlash(around.Dir))
	}
	done, proof, err := c.prover.proving.prove(ctx, text, around, run)
	if err != nil {
		return campaign.Proven{}, err
	}
	proven := campaign.Proven{Result: done, Proof: proof}
	if proof.Unproven != "" {
		proven.Unproven = proof.Unproven + ": " + proof.Failure.Message
		return proven, nil
	}
	proven.Evidence = proofText(path, proof)
	return proven, nil
}
