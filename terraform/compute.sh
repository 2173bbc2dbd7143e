#!/usr/bin/env bash
# Restarts the servers of the compute tier, one VM after the other, and waits for each to be healthy: they take up the
# release and the certificates that Secret Manager has now. Prints how many VMs run.
# Usage: terraform/compute.sh PROJECT ZONE [NAME]
set -euo pipefail
project=$1 zone=$2 name=${3:-classroom}
vms=$(gcloud compute instance-groups managed list-instances "$name-ml" --project "$project" --zone "$zone" \
  --filter "instanceStatus=RUNNING" --format "value(name)")
for vm in $vms; do
  echo "$vm" >&2
  # </dev/null: else ssh would read the rest of what this shell reads.
  gcloud compute ssh "$vm" --project "$project" --zone "$zone" --tunnel-through-iap \
    --command "sudo bash /etc/ml-core/restart" </dev/null >&2
done
wc -w <<<"$vms"
