// Package multistage is the fixer multistage: an image is built in one stage and
// runs from another, smaller one.
//
// Invariants: every effect of the single stage is placed (replayed in the runtime
// stage, copied from the build stage, or left behind with a reason), or the fixer
// declines and names the one that it could not place. A package that is not known
// to be for builds alone stays in the image that runs. Both stages have the same
// interpreter and C library, and the runtime stage no older release.
//
// An ecosystem is a profile. There are two ways to split, and one plan: where the
// application runs from its source, the dependencies are a folder of their own that
// is copied, and the source goes to the runtime stage (Python, Ruby, PHP, Node without
// a build); where it is built, the source goes to the build stage, and what the build
// leaves is copied, with the files of the source that the program is found to read
// (builds.go, evidence.go; Go, Node, Java, Rust, C, .NET). Where that evidence is
// missing, the folders of the source are copied as they are. An application of Python's
// or Ruby's that builds JavaScript is both (frontend.go).
package multistage

import "github.com/drydock-dev/drydock/internal/fix"

var doc = fix.Doc{
	Title: "Build in one stage, run from a smaller one",
	Why: `Compilers, headers and the tools of a full base image are needed to install dependencies and never
again. Left in the image they make it three times as large and give whoever breaks in a workshop.

The dependencies are installed in a build stage, into a folder of their own: a virtual environment, or
Ruby's bundle; what uv, poetry, pipenv or bundler put elsewhere is copied from there. The runtime stage
is the slim variant of the same image, or on Alpine the same. It gets that folder, the application, and
of the system packages those that run: the library behind each -dev package, and everything that is
not known to be for builds alone. A gem that no table knows keeps the libraries of the full image that
it may link. A database driver of Microsoft's is installed there from its own source, and Oracle's client
copied, with the libraries that they load. Where the application builds JavaScript beside, as Rails does,
its folder is copied as the build leaves it, and Node and node_modules stay behind if nothing that runs
names them. The account of where everything went is printed by "drydock diff -v".

A program that is compiled (Go, Rust, C, .NET, Java, TypeScript) is built there, and the runtime stage
gets the program and what it reads: Go and Rust on the plain image of the same distribution with
certificates, Java on the run time of its JDK, Node on its slim image without the dependencies of
development, if nothing that runs names them. PHP stays on its image: Composer and the headers are left
behind, vendor and the compiled extensions copied.

A file that has two stages already is mended where the second cannot work: it lacks dependencies, their
libraries, package lists or certificates, has another C library, version of Python or Ruby, or an older
release or Java than what it runs was built for, or carries a compiler, a JDK or a full image for nothing.`,
	Before: `FROM python:3.11
WORKDIR /app
RUN apt-get update
RUN apt-get install -y build-essential libpq-dev
COPY requirements.txt ./
RUN pip install -r requirements.txt
COPY . .
CMD ["gunicorn", "app:app"]
`,
	After: `FROM python:3.11 AS build
WORKDIR /app
RUN apt-get update
RUN apt-get install -y build-essential libpq-dev
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt ./
RUN pip install -r requirements.txt

FROM python:3.11-slim
WORKDIR /app
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY . .
CMD ["gunicorn", "app:app"]
`,
	Refuses: []string{
		"Files in which a second stage would gain nothing.",
		"Base images of ecosystems that it has no profile for.",
		"Applications that come from a volume, and images that install dependencies when they start or, as Home Assistant does, run.",
		"Python that opens a library by a name or a search that takes headers or a compiler.",
		"Images that start a compiler or a development server: go run, cargo run, mvn, next dev, nodemon.",
		"Browsers (Puppeteer, Playwright), Yarn's Plug'n'Play, crates that link a library that is not known.",
		"Programs of which nothing that is built is known to be what CMD or ENTRYPOINT starts.",
		"Installs as a user that is not root into a folder that is not that user's, editable ones of pip, and those into places that it cannot tell.",
		"The distribution's own Python beside packaged modules of it, cron, sudo or a server that loads it: none sees a virtual environment.",
		"Environments of conda's, and PHP images in which Node builds too.",
		"JavaScript beside Python or Ruby that is built in a folder of its own or by Rails that is not known to run in production, and tools of npm's that the image may start.",
		"Installs that read the source where a command has changed it, or where it holds an extension to compile.",
		"Python packages that are built from source (--no-binary, git+, archives): what they link is not known.",
		"Commands of which it cannot tell what they write, such as make install.",
		"Full base images without a known build context: what the dependencies need of the image cannot be told.",
	},
	Safety: fix.Review,
}
