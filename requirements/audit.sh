#!/usr/bin/env bash
# Looks the pinned packages up in the OSV database of known holes. Usage: audit.sh PATH_TO_PIP_AUDIT [OPTION…]
# Exit status: 0 none known, 1 some are listed above, 3 nothing is known because the database did not answer.
set -uo pipefail
cd "$(dirname "$0")"
audit=$(cd .. && realpath "$1")
shift
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
status=0
# Web, ml and trace are parts of the first two.
for lock in ../requirements.txt dev.txt iac.txt iac-provider.txt audit.txt uv.txt; do
  echo "${lock#../}:" >&2
  # The locks hold the hashes; here they only say that nothing has to be resolved.
  "$audit" --vulnerability-service osv --disable-pip --require-hashes --progress-spinner off "$@" \
    --requirement "$lock" 2>"$errors" || status=1
  if grep -qE 'ConnectionError|ConnectTimeout|ReadTimeout|HTTPError|ServiceError' "$errors"; then
    echo "The packages are NOT audited: the OSV database did not answer ($(tail -n 1 "$errors" | cut -c 1-160))" >&2
    exit 3
  fi
  grep -v 'only enforces hash presence' "$errors" >&2
done
exit "$status"
