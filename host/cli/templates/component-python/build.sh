#!/bin/sh
# Makes component.wasm. Needs componentize-py: pip install -r requirements.txt
set -eu
cd "$(dirname "$0")"
componentize-py --wit-path wit --world function componentize app --output component.wasm
