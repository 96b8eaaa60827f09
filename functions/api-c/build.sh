#!/bin/sh
# Makes api.wasm. Needs npm, wit-bindgen and wasm-tools; clang comes from npm.
set -eu
cd "$(dirname "$0")"
jco=$(npm root)/@bytecodealliance/jco/lib
mkdir -p dist
npm install --prefix dist --silent --no-save @yowasp/clang@22.0.0-git20542-10
set -- --world example:api/api --out-dir dist
for package in io clocks random filesystem sockets cli http; do set -- "$@" "$jco/wit/builtin/0.2.12/wasi-$package"; done
wit-bindgen c "$@" wit/keyvalue.wit wit/api.wit
node compile.mjs
wasm-tools component new dist/core.wasm --adapt "wasi_snapshot_preview1=$jco/wasi_snapshot_preview1.reactor.wasm" --output api.wasm
