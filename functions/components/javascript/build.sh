#!/bin/sh
# Makes api.wasm. Needs jco, which is a dependency of this repository.
set -eu
cd "$(dirname "$0")"
modules=$(npm root)
rm -rf dist
mkdir -p dist/wit/deps
# The engine that jco puts in is one of WASI 0.2.3, which has all of what is used here.
older() { sed 's/@0\.2\.12/@0.2.3/g' "$1" >"dist/wit/$2"; }
older wit/api.wit api.wit
older wit/keyvalue.wit deps/keyvalue.wit
for package in io clocks random filesystem sockets cli http; do
  older "$modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12/wasi-$package/package.wit" "deps/$package.wit"
done
"$modules/.bin/jco" componentize src/api.js --wit dist/wit --world-name api --out api.wasm
