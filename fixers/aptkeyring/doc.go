// Package aptkeyring is the fixer apt-keyring: a key that apt-key would trust for
// every repository becomes a keyring of the repository that it is for.
//
// Invariants: a key is paired with a repository only where no other pairing is
// possible; every source line that needs the key names it; the keyring exists
// before apt reads the line.
package aptkeyring

import "github.com/drydock-dev/drydock/internal/fix"

var doc = fix.Doc{
	Title: "Replace apt-key by a keyring of the repository",
	Why: `apt-key is gone from Debian 13 and from Ubuntu since 24.10, and a key that it adds can vouch for any
package of any repository. A keyring under /etc/apt/keyrings that the source line names by signed-by
vouches for that repository alone.

A key that is known to be armored is kept as it is, under a name that ends in .asc: apt reads it since
1.4 and needs no gnupg for that. Any other key passes through gpg --dearmor, which takes both kinds;
the package gnupg is then installed where the file does not install it. What apt-key adv asks a key
server for, gpg itself asks for. The folder /etc/apt/keyrings is made where the release does not come
with it (before Debian 12 and Ubuntu 22.04).`,
	Before: `FROM debian:bullseye
RUN apt-get update && apt-get install -y curl
RUN curl -sS https://dl.yarnpkg.com/debian/pubkey.gpg | apt-key add - && \
    echo "deb https://dl.yarnpkg.com/debian/ stable main" > /etc/apt/sources.list.d/yarn.list
RUN apt-get update && apt-get install -y yarn
`,
	After: `FROM debian:bullseye
RUN apt-get update && apt-get install -y curl
RUN mkdir -p /etc/apt/keyrings && \
    curl -fsS https://dl.yarnpkg.com/debian/pubkey.gpg -o /etc/apt/keyrings/yarn.asc && \
    echo "deb [signed-by=/etc/apt/keyrings/yarn.asc] https://dl.yarnpkg.com/debian/ stable main" > /etc/apt/sources.list.d/yarn.list
RUN apt-get update && apt-get install -y yarn
`,
	Refuses: []string{
		"No source line is seen that the key is for, or several could be.",
		"The release is not known, or its apt does not know signed-by (before Debian 9 and Ubuntu 16.04).",
		"The key comes out of another keyring, or from a key server that is gone.",
		"apt-key runs under a condition, in exec form, or in a RUN that cannot be read.",
		"The source line is downloaded, and its repository is not in the table of drivers.",
		"A package of the repository writes a source line without keyring for it: Chrome, Visual Studio Code.",
		"A later command reads the keys of apt-key, and would fail.",
		"A tool that is missing could not be added to an install before.",
	},
	Safety: fix.Review,
}
