#!/bin/bash
# Waits for the notice that this VM is about to stop, for maintenance of its host or because a Spot VM is taken
# back, and drains the servers: SIGTERM turns their health, so that callers go to other VMs, and lets the calls in
# hand finish. A VM of the group that no longer listens is made anew, after maintenance on another host.
# Usage: maintenance UNIT...
set -uo pipefail
metadata=${METADATA_URL:-http://metadata.google.internal/computeMetadata/v1}
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$folder"' EXIT
trap exit TERM INT

# watch KEY STOP GO UNIT...: drains at the value STOP; what it drained starts again at the value GO.
watch() {
  local key=$1 stop=$2 go=$3 etag=0 drained=no value
  shift 3
  while true; do
    # Answers at once when the value is not the one that we know, and otherwise when it changes.
    value=$(curl --silent --fail --max-time 330 --dump-header "$folder/$key" --header "Metadata-Flavor: Google" \
      "$metadata/instance/$key?wait_for_change=true&timeout_sec=300&last_etag=$etag") || {
      sleep "${RETRY_SECONDS:-5}"
      continue
    }
    etag=$(sed -n 's/^[Ee][Tt][Aa][Gg]: *\([^[:space:]]*\).*/\1/p' "$folder/$key")
    if [ "$value" = "$stop" ]; then
      echo "$key is $value: draining"
      systemctl stop "$@"
      drained=yes
    elif [ "$value" = "$go" ] && [ "$drained" = yes ]; then
      echo "$key is $value: starting again"
      systemctl start --no-block "$@"
      drained=no
    fi
  done
}

watch maintenance-event TERMINATE_ON_HOST_MAINTENANCE NONE "$@" &
watch preempted TRUE FALSE "$@" &
wait
