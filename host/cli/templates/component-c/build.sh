#!/bin/sh
# Makes component.wasm. Needs wit-bindgen (cargo install wit-bindgen-cli) and npm install. CC="$WASI_SDK_PATH/bin/clang"
# takes the clang of the WASI SDK instead of npm's.
set -eu
cd "$(dirname "$0")"
rm -rf build
wit-bindgen c wit --world function --out-dir build
${CC:-node clang.mjs} --target=wasm32-wasip1 -mexec-model=reactor -Os -Wall -Wextra -D_GNU_SOURCE -Ibuild -Wl,--strip-debug \
  src/*.c build/function.c build/function_component_type.o -o build/core.wasm
npx jco new build/core.wasm --wasi-reactor --output component.wasm
