package cli

import (
	"github.com/spf13/cobra"

	"github.com/drydock-dev/drydock/internal/verify/agent"
)

// NewCmdAgent makes the command that drydock runs of itself in the containers
// that it verifies, and around builders.
func NewCmdAgent(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:                "agent",
		Short:              "Look at a container from inside (verify runs this)",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			return agent.Run(args, f.Streams.In, f.Streams.Out, f.Streams.Err)
		},
	}
}
