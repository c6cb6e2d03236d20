# SPDX-License-Identifier: GPL-2.0-or-later
# The few commands of daily life. CMake builds; this file installs what is missing, and calls it.

JOBS ?= $(shell nproc 2>/dev/null || echo 2)
FUZZ_SECONDS ?= 60
PREFIX ?= /usr/local
DESTDIR ?=
DEPS = scripts/install-deps.sh
BUILD = cmake --build --parallel $(JOBS) --preset

.PHONY: help build demo test bench fuzz install deps clean
.NOTPARALLEL:

help:
	@echo 'make demo     build, replay the captures in pcaps/ and show the alerts'
	@echo 'make test     build with sanitizers and run every test'
	@echo 'make bench    measure each stage and the whole sensor'
	@echo 'make fuzz     fuzz each parser for FUZZ_SECONDS ($(FUZZ_SECONDS))'
	@echo 'make build    build build/release/jndi-sensor'
	@echo 'make install  install under PREFIX ($(PREFIX)), honouring DESTDIR'
	@echo 'make deps     install the Debian packages that all of these need'
	@echo 'make clean    remove build/'

build:
	@$(DEPS) build
	@cmake --preset release >/dev/null
	@$(BUILD) release

demo: build
	@scripts/demo.sh build/release/jndi-sensor

test:
	@$(DEPS) build test
	cmake --preset dev
	$(BUILD) dev
	cmake --preset clang
	$(BUILD) clang
	cmake --preset release
	$(BUILD) release
	@tests/live/live.sh --probe || true
	@[ -d ../shared ] || echo 'skipped, replay tests over captures that are not ours: no ../shared beside the repository'
	ctest --preset dev --parallel $(JOBS)

bench:
	@$(DEPS) build bench
	@cmake --preset release >/dev/null
	@$(BUILD) release
	bench/bench.sh

fuzz:
	@$(DEPS) build fuzz
	cmake --preset fuzz
	$(BUILD) fuzz
	scripts/fuzz.sh build/fuzz $(FUZZ_SECONDS)

install:
	@$(DEPS) build
	cmake --preset release -DCMAKE_INSTALL_PREFIX='$(PREFIX)' >/dev/null
	$(BUILD) release
	DESTDIR='$(DESTDIR)' cmake --install build/release

deps:
	$(DEPS) build test fuzz bench

clean:
	rm -rf build
