package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"
)

// NewCmdVersion makes the command "drydock version".
func NewCmdVersion(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  argsOr(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(f.Streams.Out, version())
			return err
		},
	}
}

// version is what the Go tool noted in the program: "drydock v1.2.3 (go1.26)",
// with the commit where there is no release.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "drydock (unknown version)"
	}
	return fmt.Sprintf("drydock %s (%s)", release(), info.GoVersion)
}

// release is the version alone, "" if it is not known.
func release() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return ""
}

// builtFrom tells two builds of drydock apart: all that the Go tool noted, and where
// the sources were edited the program itself.
var builtFrom = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if ok && !strings.Contains(info.Main.Version, "dirty") && info.Main.Version != "(devel)" {
		return info.String()
	}
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(program)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
})
