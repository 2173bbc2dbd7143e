#!/usr/bin/env bash
# Prints the database's password: the one that Secret Manager has, or a new one where it never had any. An answer that
# gcloud could not get is no answer: the database and the pods would end up with two passwords.
# Usage: terraform/password.sh PROJECT [NAME]
set -euo pipefail
project=$1 secret=${2:-classroom}-database-password

# Lists are empty where nothing is; they fail where gcloud may not look, is logged out or offline.
known=$(gcloud secrets list --project "$project" --filter "name~/$secret\$" --format "value(name)")
version=
if [ -n "$known" ]; then
  version=$(gcloud secrets versions list "$secret" --project "$project" --filter "state=ENABLED" --limit 1 --format "value(name)")
fi
if [ -n "$version" ]; then
  gcloud secrets versions access "${version##*/}" --secret "$secret" --project "$project"
else
  openssl rand -hex 24
fi
