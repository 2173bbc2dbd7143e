#!/usr/bin/env bash
# The settings of an environment, terraform.tfvars, are one for everybody: they lie in Secret Manager, and each apply
# begins with a pull. Nobody overwrites what somebody else has pushed meanwhile.
# Usage: terraform/settings.sh pull|push ENV PROJECT [NAME]
set -euo pipefail
what=$1 env=$2 project=$3 secret=${4:-classroom}-tfvars
folder=$(dirname "$0")/envs/$env
file=$folder/terraform.tfvars
known=$folder/.tfvars-version # number and hash of what was pulled or pushed last

latest=$(gcloud secrets versions list "$secret" --project "$project" --filter "state=ENABLED" --limit 1 --format "value(name)")
latest=${latest##*/}
hash() { sha256sum <"$file" | cut -d ' ' -f 1; }
note() { echo "$1 $(hash)" >"$known"; }
mine=none mine_hash=none
if [ -f "$known" ]; then read -r mine mine_hash <"$known"; fi

case $what in
pull)
  [ -n "$latest" ] || { echo "nothing was pushed yet: $file is made from its example, then pushed" >&2; exit 1; }
  if [ -f "$file" ] && [ "$(hash)" != "$mine_hash" ]; then
    echo "$file has changes that were not pushed: push them, or remove the file" >&2
    exit 1
  fi
  (umask 077 && gcloud secrets versions access "$latest" --secret "$secret" --project "$project" >"$file.new")
  mv "$file.new" "$file"
  note "$latest"
  ;;
push)
  if [ -n "$latest" ] && [ "$latest" != "$mine" ]; then
    echo "somebody pushed version $latest since your version $mine: keep your changes aside, pull, and make them again" >&2
    exit 1
  fi
  made=$(gcloud secrets versions add "$secret" --project "$project" --data-file "$file" --format "value(name)")
  note "${made##*/}"
  ;;
*)
  echo "pull or push, not $what" >&2
  exit 2
  ;;
esac
