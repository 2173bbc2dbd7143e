#!/bin/bash
# Waits for the host's maintenance notice and drains the servers before the VM is stopped: SIGTERM turns
# their health, so that callers go to other VMs, and lets the calls in hand finish. A VM of the group that
# no longer listens is then made anew on another host, long before this one goes down.
# Usage: maintenance UNIT...
set -uo pipefail
metadata=${METADATA_URL:-http://metadata.google.internal/computeMetadata/v1}
headers=$(mktemp)
trap 'rm -f "$headers"' EXIT
etag=0 drained=no

while true; do
  # Answers at once when the value is not the one that we know, and otherwise when it changes.
  event=$(curl --silent --fail --max-time 330 --dump-header "$headers" --header "Metadata-Flavor: Google" \
    "$metadata/instance/maintenance-event?wait_for_change=true&timeout_sec=300&last_etag=$etag") || {
    sleep "${RETRY_SECONDS:-5}"
    continue
  }
  etag=$(sed -n 's/^[Ee][Tt][Aa][Gg]: *\([^[:space:]]*\).*/\1/p' "$headers")
  case $event in
    TERMINATE_ON_HOST_MAINTENANCE)
      echo "the host goes into maintenance: draining"
      systemctl stop "$@"
      drained=yes
      ;;
    NONE)
      if [ "$drained" = yes ]; then
        echo "the maintenance is over: starting again"
        systemctl start --no-block "$@"
        drained=no
      fi
      ;;
  esac
done
