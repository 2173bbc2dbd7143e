#!/usr/bin/env bash
# Brings one project to what its overlay says: tables first, then the pods. With IMAGE it is that one, by its digest.
# Usage: k8s/deploy.sh sandbox|production [IMAGE]
# It goes to the cluster of the current context: kubectl config current-context
set -euo pipefail
overlay=$(dirname "$0")/overlays/$1
[ -f "$overlay/kustomization.yaml" ] || { echo "there is no overlay $1" >&2; exit 2; }
rendered=$(mktemp)
trap 'rm -f "$rendered" "$rendered.new"' EXIT
kubectl kustomize "$overlay" >"$rendered"
if [ -n "${2:-}" ]; then
  sed "s#^\( *image: \)${2%@*}:.*#\1$2#" "$rendered" >"$rendered.new"
  mv "$rendered.new" "$rendered"
  grep -q "image: $2" "$rendered" || { echo "the overlay has no image ${2%@*}" >&2; exit 2; }
fi
# An address of the examples': the app would believe any X-Forwarded-For but the load balancer's.
if grep -q '192\.0\.2\.' "$rendered"; then
  echo "the settings of $1 still name the address of the example: terraform output -raw address" >&2
  exit 2
fi

# What the migration needs, and itself. A Job cannot be changed, so the one of the release before goes.
kubectl apply --filename "$(dirname "$0")/base/namespace.yaml"
kubectl --namespace classroom delete job migrate --ignore-not-found
kubectl apply --filename "$rendered" --selector classroom/when=before
if ! kubectl --namespace classroom wait --for=condition=complete job/migrate --timeout=600s; then
  kubectl --namespace classroom logs job/migrate --tail=50 >&2
  exit 1
fi

kubectl apply --filename "$rendered"
kubectl --namespace classroom rollout status deployment/web --timeout=600s
