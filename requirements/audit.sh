#!/usr/bin/env bash
# Looks the pinned packages up in the OSV database of known holes. Usage: audit.sh PATH_TO_PIP_AUDIT
# Exit status: 0 none known, 1 some are listed above, 3 nothing is known because the database did not answer.
set -uo pipefail
cd "$(dirname "$0")"
audit=$(cd .. && realpath "$1")
locks=()
for lock in ../requirements.txt *.txt; do locks+=(--requirement "$lock"); done
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
# The locks hold the hashes; here they only say that nothing has to be resolved.
"$audit" --vulnerability-service osv --disable-pip --require-hashes --progress-spinner off "${locks[@]}" 2>"$errors"
status=$?
if grep -qE 'ConnectionError|ConnectTimeout|ReadTimeout|HTTPError|ServiceError' "$errors"; then
  echo "The packages are NOT audited: the OSV database did not answer ($(tail -n 1 "$errors" | cut -c 1-160))" >&2
  exit 3
fi
grep -v 'only enforces hash presence' "$errors" >&2
exit "$status"
