# The two commands that matter: `make demo` and `make test`. Both do all the set-up, say what they
# are doing and how long it may take, and can be run again.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Twenty minutes; `make soak SEED=7 SOAK_SECONDS=60` repeats another one.
SOAK_SECONDS ?= 1200
SEED ?=

.PHONY: help demo test soak test-all bench lint page build images fmt clean-lxd clean-test

help: ## Say what there is
	@echo "tryit: a root shell in a fresh LXD container, beside a guided tutorial"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: ## Set everything up and serve a tutorial at http://127.0.0.1:8080 (10 minutes the first time)
	@scripts/demo

test: ## Set everything up and run every test that one LXD can serve (40 minutes the first time)
	@scripts/test

soak: ## Kill the service and LXD at random for twenty minutes while visitors come and go
	@SOAK_SECONDS=$(SOAK_SECONDS) SEED=$(SEED) scripts/test soak

test-all: test soak bench ## The same, and what takes long

bench: ## Measure it beside LXD itself: a table, and target/bench.json (15 minutes once built)
	@scripts/bench

lint: ## Formatting, clippy and shellcheck
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	shellcheck scripts/* images/*/build .ci/run

page: ## Build the web page into frontend/dist
	cargo run --quiet -p bundle

build: page ## Build target/release/tryit, with the page inside
	cargo build --release -p tryit

images: ## Build the session images and import them as tryit-shell and tryit-lxd
	scripts/images import all

fmt: ## Format the code
	cargo fmt --all

clean-lxd: ## Remove what `make demo` set up in LXD
	@scripts/demo remove

clean-test: ## Remove the private daemons of the tests
	@scripts/lxd-private stop
