#!/bin/sh
# Makes component.wasm. Needs Go, wit-bindgen (cargo install wit-bindgen-cli) and npm install.
set -eu
cd "$(dirname "$0")"
mkdir -p build
wit-bindgen go wit --world function --pkg-name template-name --out-dir .
# The link name that this flag allows is runtime.sbrk, with which the bindings allocate before Go's runtime has started.
GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags '-s -w -checklinkname=0' -o build/core.wasm .
npx jco embed build/core.wasm --wit wit --world-name function --output build/embedded.wasm
npx jco new build/embedded.wasm --wasi-reactor --output component.wasm
