#!/usr/bin/env bash
# New certificates for both sides of the compute tier, of the same private CA, brought to Secret Manager and, with
# ZONE, to the tiers that run. The CA's key lies in Secret Manager for whoever does it next, and here in memory alone.
# Usage: terraform/certificates.sh PROJECT [ZONE] [NAME]
set -euo pipefail
umask 077
project=$1 zone=${2:-} name=${3:-classroom}
root=$(cd "$(dirname "$0")/.." && pwd)
memory=/dev/shm
[ -d "$memory" ] || memory=${TMPDIR:-/tmp}
folder=$(mktemp -d -p "$memory")
trap 'rm -rf "$folder"' EXIT

put() { gcloud secrets versions add "$name-$1" --project "$project" --data-file "$2" >/dev/null; }
# What there is; empty, and no error, where nothing was ever put.
get() {
  local version
  version=$(gcloud secrets versions list "$name-$1" --project "$project" --filter "state=ENABLED" --limit 1 --format "value(name)")
  [ -z "$version" ] || gcloud secrets versions access "${version##*/}" --secret "$name-$1" --project "$project" >"$2"
}

get ml-ca-key "$folder/ca.key"
get ml-ca-cert "$folder/ca.pem"
had_ca=$([ -s "$folder/ca.key" ] && echo yes || echo no)
make --directory "$root" --no-print-directory certs OUT="$folder" NAMES="ml.$name.internal,127.0.0.1"
if [ "$had_ca" = no ]; then
  put ml-ca-key "$folder/ca.key"
  put ml-ca-cert "$folder/ca.pem"
fi
put ml-server-key "$folder/server.key"
put ml-server-cert "$folder/server.pem"
put ml-client-key "$folder/client.key"
put ml-client-cert "$folder/client.pem"
openssl x509 -enddate -noout -in "$folder/client.pem"

[ -n "$zone" ] || exit 0
"$root/terraform/compute.sh" "$project" "$zone" "$name" >/dev/null
kubectl --namespace classroom rollout restart deployment/web
kubectl --namespace classroom rollout status deployment/web --timeout=600s
