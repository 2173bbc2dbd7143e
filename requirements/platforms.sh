#!/usr/bin/env bash
# Does every package of a class on one machine have a ready file for the machines that facilitators bring? Nothing
# is installed. Usage: platforms.sh PATH_TO_UV PATH_TO_PYTHON
# Exit status: 0 yes, or not known because the index did not answer (it says so); 1 some package has none.
set -euo pipefail
cd "$(dirname "$0")"
uv=$(cd .. && realpath "$1")
python=$(cd .. && realpath --no-symlinks "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

resolve() {
  "$uv" pip install --dry-run --quiet --target "$folder" --python "$python" --python-version 3.11 --only-binary :all: \
    --require-hashes --requirements one-machine.txt "$@" 2>"$folder/said"
}

if ! resolve; then
  echo "one-machine.txt is NOT looked up for other machines: not even this one's packages were found" \
    "($(tail -n 1 "$folder/said" | cut -c 1-160))" >&2
  exit 0
fi
export MACOSX_DEPLOYMENT_TARGET=14.0  # the oldest that ONNX Runtime is built for
for platform in x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu aarch64-apple-darwin; do
  if ! resolve --python-platform "$platform"; then
    cat "$folder/said" >&2
    echo "one-machine.txt does not resolve for $platform" >&2
    exit 1
  fi
  echo "one-machine.txt resolves for $platform"
done
