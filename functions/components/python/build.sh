#!/bin/sh
# Makes api.wasm. Needs componentize-py (`pip install componentize-py`) and jco, which is a dependency of this repository.
set -eu
cd "$(dirname "$0")"
wasi=$(npm root)/@bytecodealliance/jco/lib/wit/builtin/0.2.12
set -- --world example:api/api
for package in io clocks random filesystem sockets cli http; do set -- "$@" --wit-path "$wasi/wasi-$package"; done
componentize-py "$@" --wit-path wit/keyvalue.wit --wit-path wit/api.wit componentize app --output api.wasm
