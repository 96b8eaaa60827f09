#!/bin/sh
# Makes api.wasm. Needs go, wit-bindgen (with `go`), wasm-tools, and jco, which is a dependency of this repository.
set -eu
cd "$(dirname "$0")"
jco=$(npm root)/@bytecodealliance/jco/lib
rm -rf dist
mkdir -p dist/wit/deps
cp wit/api.wit dist/wit/
cp wit/keyvalue.wit dist/wit/deps/
for package in io clocks random filesystem sockets cli http; do
  cp "$jco/wit/builtin/0.2.12/wasi-$package/package.wit" "dist/wit/deps/$package.wit"
done
wit-bindgen go dist/wit --world api --out-dir dist
cp go.mod go.sum dist/
cp -r api dist/export_wasi_http_incoming_handler
cd dist
# The link name is runtime.sbrk, which wit-bindgen's runtime allocates with before Go's has started.
GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags '-s -w -checklinkname=0' -o core.wasm .
wasm-tools component embed wit core.wasm --world api --output embedded.wasm
wasm-tools component new embedded.wasm --adapt "wasi_snapshot_preview1=$jco/wasi_snapshot_preview1.reactor.wasm" --output ../api.wasm
