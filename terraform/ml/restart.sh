#!/bin/bash
# Restarts the servers of this VM one after the other and waits for each: the others go on meanwhile. Fails when one
# does not come back.
set -euo pipefail
for unit in "${UNITS:-/etc/systemd/system}"/ml-core-[0-9]*.service; do
  server=$(basename "$unit" .service)
  systemctl restart "$server.service"
  for _ in $(seq "${TRIES:-120}"); do
    state=$(docker inspect --format '{{.State.Health.Status}}' "$server" 2>/dev/null || echo absent)
    [ "$state" = healthy ] && break
    sleep "${RETRY_SECONDS:-5}"
  done
  if [ "$state" != healthy ]; then
    echo "$server is $state" >&2
    journalctl --unit "$server.service" --lines 20 --no-pager >&2 || true
    exit 1
  fi
done
