#!/usr/bin/env bash
# Pins every requirement of the tiers to versions that fit together, each with the hashes of its files, for Linux
# and macOS on either processor.
# Usage: lock.sh PATH_TO_UV
set -euo pipefail
cd "$(dirname "$0")"
uv=$(cd .. && realpath "$1")
# No address of an index is written: where packages come from is each machine's own setting.
options=(--quiet --no-header --no-annotate --no-emit-index-url --no-emit-find-links --universal
  --python-version 3.11)
all=$(mktemp)
trap 'rm -f "$all"' EXIT

lock() { "$uv" pip compile "${options[@]}" --upgrade --generate-hashes "$@"; }

"$uv" pip compile "${options[@]}" web.in ml-gpu.in trace.in dev.in -o "$all"
lock web.in ml-gpu.in -c "$all" -o ../requirements.txt
lock web.in ml-cpu.in -c "$all" -o one-machine.txt
for tier in web ml-cpu ml-gpu trace node dev; do
  lock "$tier.in" -c "$all" -o "$tier.txt"
done
# Tools that share nothing with the app need not fit together with it.
for tool in uv audit iac; do
  lock "$tool.in" -o "$tool.txt"
done
lock --no-deps iac-provider.in -o iac-provider.txt
