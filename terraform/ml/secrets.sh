#!/bin/bash
# Copies secrets from Secret Manager into files of a folder in memory, readable by one user.
# Usage: secrets FOLDER UID PROJECT FILE=SECRET...
set -euo pipefail
umask 077
folder=$1 uid=$2 project=$3
shift 3
metadata=${METADATA_URL:-http://metadata.google.internal/computeMetadata/v1}
secrets=${SECRETS_URL:-https://secretmanager.googleapis.com/v1}

# The value of one text field of a JSON answer: this system has no JSON tools.
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }
fetch() { curl --silent --show-error --fail --retry 5 --retry-delay 1 --retry-connrefused --max-time 20 "$@"; }

token=$(fetch --header "Metadata-Flavor: Google" "$metadata/instance/service-accounts/default/token" | field access_token)
install -d -m 0700 "$folder"
for pair in "$@"; do
  # The token comes on stdin: arguments of a process can be read by others.
  fetch --header @- "$secrets/projects/$project/secrets/${pair#*=}/versions/latest:access" \
    <<<"Authorization: Bearer $token" | field data | base64 --decode >"$folder/.new"
  [ -s "$folder/.new" ] || { echo "secret ${pair#*=} is empty" >&2; exit 1; }
  chmod 0400 "$folder/.new"
  mv -f "$folder/.new" "$folder/${pair%%=*}"
done
chown -R "$uid" "$folder"
