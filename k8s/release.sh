#!/usr/bin/env bash
# Rolls a release out to both tiers, looks whether they fit, and goes back when they do not. Images are named by their
# digests: what was looked at is what runs, on every pod and every VM.
# Usage: k8s/release.sh sandbox|production TAG|back
# It goes to the cluster of the current context: kubectl config current-context
set -euo pipefail
overlay=$1 tag=$2
here=$(dirname "$0")
image=$(sed -n 's/^ *newName: *//p' "$here/overlays/$overlay/kustomization.yaml")
repository=${image%/web}
IFS=/ read -r host project name <<<"$repository"
region=${host%-docker.pkg.dev}
zone=${ZONE:-$region-a}
secret=$name-ml-image

digest() {
  local found
  found=$(gcloud artifacts docker images describe "$repository/$1:$tag" --project "$project" --format "value(image_summary.digest)")
  [[ $found == sha256:* ]] || { echo "$repository/$1:$tag has no digest" >&2; return 1; }
  echo "$repository/$1@$found"
}
# The release of the compute tier: the newest value is the one that runs, the one before is the way back.
versions() { gcloud secrets versions list "$secret" --project "$project" --filter "state=ENABLED" --limit 2 --format "value(name)"; }
value() { gcloud secrets versions access "${1##*/}" --secret "$secret" --project "$project"; }
compute() {
  printf %s "$1" | gcloud secrets versions add "$secret" --project "$project" --data-file=- >/dev/null &&
    vms=$("$here/../terraform/compute.sh" "$project" "$zone" "$name")
}
revision() {
  kubectl --namespace classroom get deployment web --ignore-not-found \
    --output 'jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}'
}
fits() {
  if [ "$vms" = 0 ]; then
    echo "no VM of the compute tier runs: what they will start with is not checked" >&2
    return 0
  fi
  kubectl --namespace classroom exec deployment/web -- python -m classroom_app tiers
}
# Both tiers to what they were. Pods that were not touched yet stay: "the one before" would be one too many.
back() {
  echo "going back" >&2
  [ -z "$before" ] || compute "$before" || echo "the compute tier did not come back: docs/runbook.md, section 5" >&2
  if [ -n "$was" ] && [ "$(revision)" != "$was" ]; then
    kubectl --namespace classroom rollout undo deployment/web --to-revision "$was"
    kubectl --namespace classroom rollout status deployment/web --timeout=600s
  fi
}

vms=0 before=
kept=$(versions)
was=$(revision)
if [ "$tag" = back ]; then
  older=$(sed -n 2p <<<"$kept")
  [ -n "$older" ] || { echo "there is no release before this one" >&2; exit 1; }
  compute "$(value "$older")"
  kubectl --namespace classroom rollout undo deployment/web
  kubectl --namespace classroom rollout status deployment/web --timeout=600s
  fits
  exit
fi
web=$(digest web)
ml=$(digest ml)
newest=$(sed -n 1p <<<"$kept")
[ -z "$newest" ] || before=$(value "$newest")

# The compute tier first: the web tier that runs understands it, and finds it there when it starts anew.
if ! compute "$ml"; then back; exit 1; fi
if ! "$here/deploy.sh" "$overlay" "$web" || ! fits; then back; exit 1; fi
echo "released: $web and $ml"
