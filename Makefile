# What developers, .ci/run and .ci/full call. Nothing but Go and git is needed.

CORPUS       ?= ../shared/corpus
FUZZTIME     ?= 30s
FUZZED       ?= .
BENCHTIME    ?= 1s
REPOSITORIES ?= 1000
STATICCHECK  := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build licenses test check corpus gold apps users kubernetes schema bench fuzz facts lab lab-all real fleet gitea dashboard

build:
	CGO_ENABLED=0 go build -o bin/drydock ./cmd/drydock

# What whoever hands on the binary has to hand on with it.
licenses:
	@mkdir -p bin
	go run ./internal/licenses > bin/third-party-licenses.txt

test:
	go test ./...

# vet, staticcheck and the import rules.
check:
	go vet ./...
	$(STATICCHECK) ./...
	go test -count=1 ./internal/arch

# The numbers on real Dockerfiles, where the corpus is there.
corpus gold apps users kubernetes:
	@if [ -e $(CORPUS)/dockerfiles.tar.gz ]; then \
		go run ./internal/gate $@ -corpus $(CORPUS); \
	else \
		echo "make $@: no corpus in $(CORPUS), nothing to do"; \
	fi

# The manifests that are written, against Kubernetes' own types and evaluator.
# They are a module of their own, which go.mod does without.
kubernetes: schema
schema:
	go -C internal/deploy/testdata/schema test -count=1 ./...

# Speed and memory, as ratios to BuildKit's own parsers.
bench:
	go test -run '^$$' -bench . -benchtime $(BENCHTIME) ./internal/engine
	@if [ -e $(CORPUS)/dockerfiles.tar.gz ]; then go run ./internal/gate speed -corpus $(CORPUS); fi

# Every fuzz target below FUZZED for FUZZTIME, four at a time. Without the bound on
# minimizing, Go's minimizer looks like a hang.
fuzz:
	@# What most targets link is compiled for fuzzing once, and not by each of them at the same time.
	@go test -run '^$$' -fuzz '^FuzzRun$$' -fuzztime 1x ./internal/engine
	@grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z]*' $(FUZZED) | sed 's|/[^/]*:func | |; s|^[^.]|./&|' | sort | xargs -P 4 -L 1 sh -c \
		'echo "$$0 $$1"; go test -run "^$$" -fuzz "^$$1\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x -parallel 1 "$$0"'

# The tables that are read off Debian's and Ubuntu's package indices.
facts:
	go run ./internal/facts/gen -o internal/facts

# Campaigns with real processes, killed at random points, on two machines, over
# REPOSITORIES repositories.
fleet:
	DRYDOCK_FLEET=$(REPOSITORIES) go test -count=1 -timeout 60m -v -run Fleet ./internal/fleet

# Real builds before and after, next to a BuildKit of the lab's own. It needs
# Linux, root and Debian packages; 75 is the exit code of a machine that cannot.
# "make lab" tries the representative applications and every wrong rewrite within
# LABTIME, and says what it left out; RUN=go-tools tries some by name, and
# RUN=python-notes/lost-file a wrong rewrite. "make lab-all" tries all, and writes
# docs/lab.md.
LABTIME ?= 20m
RUN     ?=
lab:
ifeq ($(RUN),)
	go run ./internal/lab -within $(LABTIME) go test -count=1 -timeout 30m -parallel 3 -run Lab -v ./internal/verify
else
	DRYDOCK_LAB_APPS=all go run ./internal/lab go test -count=1 -timeout 2h -run 'TestLabApplications/$(RUN)' -v ./internal/verify
endif

lab-all:
	DRYDOCK_LAB_APPS=all DRYDOCK_LAB_TABLE=$(CURDIR)/docs/lab.md go run ./internal/lab go test -count=1 -timeout 3h -run Lab -v ./internal/verify

# Real Dockerfiles of the corpus, split and really built in the contexts of
# testdata/real; writes docs/real.md. RUN=python/hub2020 tries those alone, and
# writes no page.
real:
ifeq ($(RUN),)
	DRYDOCK_CORPUS=$(abspath $(CORPUS)) DRYDOCK_REAL_TABLE=$(CURDIR)/docs/real.md go run ./internal/lab go test -count=1 -timeout 3h -parallel 2 -run TestLabRealDockerfiles -v ./internal/verify
else
	DRYDOCK_CORPUS=$(abspath $(CORPUS)) go run ./internal/lab go test -count=1 -timeout 1h -parallel 2 -run 'TestLabRealDockerfiles/$(RUN)' -v ./internal/verify
endif

# The tests of the Gitea forge and its webhooks against a real Gitea, which is built once, in minutes.
GITEA ?= $(HOME)/.cache/drydock/gitea
gitea:
	internal/forge/gitea/giteatest/build.sh $(GITEA)
	DRYDOCK_GITEA=$(GITEA)/v1.26.0 go test -count=1 ./internal/forge/gitea/... ./internal/serve/webhook

# The dashboard as people see it, with Debian's chromium and axe-core. With
# DRYDOCK_SCREENSHOTS=folder each page is kept there.
dashboard:
	DRYDOCK_DASHBOARD=1 go test -count=1 -timeout 30m -v ./internal/serve/browser
