package dependencycopy

import "github.com/drydock-dev/drydock/internal/fix"

var doc = fix.Doc{
	Title: "Install dependencies before copying the source",
	Why: `Docker reuses a layer only if everything before it is unchanged. An install that
stands behind COPY . . runs again after every edit of any file. With its manifests
copied first it runs again only when these change, and a build after a source
edit takes seconds.

With package-cleanup's style: cache-mount, what Go compiles and what Maven and
Gradle fetch is kept in cache mounts.`,
	Before: `FROM python:3.12
WORKDIR /app
COPY . .
RUN pip install -r requirements.txt
CMD ["python", "app.py"]
`,
	After: `FROM python:3.12
WORKDIR /app
COPY requirements.txt ./
RUN pip install -r requirements.txt
COPY . .
CMD ["python", "app.py"]
`,
	Refuses: []string{
		"The build context is not known, or lacks a file that the install reads.",
		"The install reads the source: pip install . without a list in pyproject.toml, a gemspec, workspaces with programs, install scripts.",
		"An option or a variable tells the install of a file of the source: --cert ca.pem, PIP_CONSTRAINT.",
		"A command between the COPY and the install may change what the install reads, or do something for it.",
		"The install's folder (node_modules, .venv, vendor) lies in the build context too, and the later COPY would overwrite it.",
		"A recursive chown or chmod that an install needs before it, and that takes in a part of what a COPY brings, or more than COPY --chown can say.",
		"More than eight COPY instructions would be needed.",
		"mvn, where the POMs are not in the context, are computed or name other files; Maven offline; Java 7.",
		"cargo, where empty files cannot stand in for the source: workspaces, dependencies by path, targets at other places.",
	},
	Safety: fix.Review,
}
