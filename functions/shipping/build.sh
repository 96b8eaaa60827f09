#!/bin/sh
# Makes shipping.wasm. Needs npm, wit-bindgen and wasm-tools; clang comes from npm.
set -eu
cd "$(dirname "$0")"
mkdir -p dist
npm install --prefix dist --silent --no-save @yowasp/clang@22.0.0-git20542-10
wit-bindgen c wit --out-dir dist
node compile.mjs
wasm-tools component new dist/core.wasm --output shipping.wasm
