#!/usr/bin/env bash
# Pins every requirement of the tiers to versions that fit together. Usage: lock.sh PATH_TO_UV
set -euo pipefail
cd "$(dirname "$0")"
uv=$(cd .. && realpath "$1")
options=(--quiet --no-header --no-annotate --universal --python-version 3.11)
all=$(mktemp)
trap 'rm -f "$all"' EXIT
"$uv" pip compile "${options[@]}" web.in ml.in trace.in dev.in -o "$all"
"$uv" pip compile "${options[@]}" web.in ml.in -c "$all" -o ../requirements.txt
# Tools of the infrastructure share nothing with the app, so they need not fit together with it.
"$uv" pip compile "${options[@]}" iac.in -o iac.txt
for tier in web ml trace dev; do
  "$uv" pip compile "${options[@]}" "$tier.in" -c "$all" -o "$tier.txt"
done
