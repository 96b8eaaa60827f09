#!/bin/sh
# Makes component.wasm. Needs the target wasm32-unknown-unknown, and wasm-tools: cargo install wasm-tools
set -eu
cd "$(dirname "$0")"
cargo build --release --target wasm32-unknown-unknown --target-dir target
wasm-tools component new target/wasm32-unknown-unknown/release/component.wasm -o component.wasm
