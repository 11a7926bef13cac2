# The few commands of daily work. CMakePresets.json has the other builds (debug, asan, tsan).

SHELL := /bin/bash
JOBS ?= $(shell nproc)
CONFIG ?= configs/quickstart.yaml

.DEFAULT_GOAL := build
.PHONY: help setup build run test wheel peers format lint clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## system packages and .venv, where something is missing
	@scripts/setup

build: setup build/build.ninja ## the command build/ranvier and the Python package in .venv
	@cmake --build --preset release --parallel $(JOBS) --target ranvier_command _core

# Ninja runs CMake again by itself when a CMakeLists.txt changes, not when a preset does.
build/build.ninja: CMakePresets.json | setup
	@cmake --preset release --log-level=WARNING
	@touch $@

run: build ## build, then run CONFIG (configs/quickstart.yaml); ARGS go to `ranvier run`
	@build/ranvier run $(CONFIG) $(ARGS)

test: build ## build, then every test, C++ and Python
	@cmake --build --preset release --parallel $(JOBS)
	@ctest --preset release --parallel $(JOBS)

wheel: setup ## a Python wheel in dist/, for any x86-64 processor
	@.venv/bin/pip wheel --no-deps --wheel-dir dist .

peers: ## NEST, Brian2, snnTorch and SpikingJelly in .venv-peers, for benchmarks/peers
	@[[ -x .venv-peers/bin/python ]] || python3 -m venv .venv-peers
	@.venv-peers/bin/pip install -qq --disable-pip-version-check -r benchmarks/peers/requirements.txt

format: setup ## lay out the C++ sources as .clang-format says
	@scripts/format

lint: setup ## check the layout, then clang-tidy on the library
	@scripts/format --check
	@scripts/lint

clean: ## remove every build folder
	@rm -rf build build-*
