// Package multistage is the fixer multistage: an image is built in one stage and
// runs from another, smaller one.
//
// Invariants: every effect of the single stage is placed (replayed in the runtime
// stage, copied from the build stage, or left behind with a reason), or the fixer
// declines and names the one that it could not place. A package that is not known
// to be for builds alone stays in the image that runs. Both stages have the same
// interpreter, release and C library.
package multistage

import "github.com/drydock-dev/drydock/internal/fix"

var doc = fix.Doc{
	Title: "Build in one stage, run from a smaller one",
	Why: `Compilers, headers and the tools of a full base image are needed to install dependencies and never
again. Left in the image they make it three times as large and give whoever breaks in a workshop.

The dependencies are installed in a build stage, into a folder of their own: a virtual environment, or
Ruby's bundle. The runtime stage is the slim variant of the same image. It gets that folder, the
application, and of the system packages those that run: the library behind each -dev package, and
everything that is not known to be for builds alone. A database driver of Microsoft's is installed there
from its own source, and Oracle's client copied, with the libraries that they load. The account of where everything went is printed
by "drydock diff -v".`,
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
		"Applications that come from a volume, and images that install dependencies when they start.",
		"Installs that read the source, run as a user that is not root, or put packages into a place of their own.",
		"Python packages that are built from source (--no-binary, git+, archives): what they link is not known.",
		"Commands of which it cannot tell what they write, such as make install.",
		"Full base images without a known build context: what the dependencies need of the image cannot be told.",
	},
	Safety: fix.Review,
}
