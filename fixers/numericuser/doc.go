// Package numericuser is the fixer numeric-user: the user that an image runs as
// becomes a number, and an image that runs as root without need gets a user.
//
// Invariants: an account that has an ID keeps it, and keeps its name, home,
// shell and groups in any case. What a build argument sets stays a variable. An
// ID is never guessed. A user is added only where it is known that nothing needs
// root: what is not known speaks against it.
package numericuser

import "github.com/drydock-dev/drydock/internal/fix"

var doc = fix.Doc{
	Title: "Run as a numeric user",
	Why: `Kubernetes refuses to start a container under "runAsNonRoot: true" whose image names its user: it
cannot tell which ID a name stands for. A number it can check.

The account's own ID is used: the one that useradd or adduser gives it, or the one that the base image
gives it (node is 1000, nginx 101, nobody 65534). An account that is made without an ID gets one, so
that it is the same in every build. The name stays in the image: chown and --chown go on working, and
so do the account's home, shell and groups.

An account that nothing makes, so that the container could not start, is made.

An image that runs as root because nothing says otherwise gets a user, where the program is known to
need no root: its ports are above 1023, nothing before it drops privileges, and its source says where
it writes. Those folders are made and given to the user. add-user: never keeps such images as they are.`,
	Before: `FROM ubuntu:20.04
RUN useradd -m invtl
WORKDIR /app
COPY . /app
RUN chown -R invtl /app
USER invtl
CMD ["bash"]
`,
	After: `FROM ubuntu:20.04
RUN groupadd -g 1001 invtl && useradd -u 1001 -g invtl -m invtl
WORKDIR /app
COPY . /app
RUN chown -R invtl /app
USER 1001
CMD ["bash"]
`,
	Refuses: []string{
		"A user that a build argument names, unless the account takes its name from the same argument.",
		"An account that no instruction makes, of a base image that is not known.",
		"An account that a package makes, or a script, with an ID of its own choice.",
		"A USER whose line a backslash joins with the next one.",
		"An account that is made only under a condition, where the base image may have it already.",
		"The accounts of Windows images.",
		"To add a user where the build context is not known, or where its source does not say what the program writes.",
		"To add a user where the program writes to a volume: its files belong to root already.",
		"To add a user to an image whose base image or entry point may need root.",
	},
	Safety: fix.Review,
}
