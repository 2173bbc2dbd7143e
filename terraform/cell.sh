#!/usr/bin/env bash
# Adds a cell: one more installation like production, for a project and a domain of its own (docs/scale.md). Makes its
# environment of Terraform and its overlay; from there on the runbook goes with ENV=NAME.
# Usage: terraform/cell.sh NAME
set -euo pipefail
name=$1
root=$(cd "$(dirname "$0")/.." && pwd)
from=$root/terraform/envs/production
env=$root/terraform/envs/$name
overlay=$root/k8s/overlays/$name
# It becomes a label and a part of the state's path.
if [[ ! $name =~ ^[a-z][a-z0-9-]{0,28}[a-z0-9]$ || $name == shared ]]; then
  echo "not a name of a cell: $name" >&2
  exit 2
fi
for there in "$env" "$overlay"; do
  if [ -e "$there" ]; then
    echo "it is there already: $there" >&2
    exit 1
  fi
done

# By name: what lies there beside the code (settings, providers) is production's own.
mkdir -p "$env/tests"
for file in main.tf terraform.tfvars.example; do cp "$from/$file" "$env/$file"; done
cp "$from/tests/production.tftest.hcl" "$env/tests/$name.tftest.hcl"
for link in "$from"/*.tf "$from"/tests/*.hcl; do
  [ ! -L "$link" ] || cp -P "$link" "$env/${link#"$from"/}"
done
cp -R "$root/k8s/overlays/production" "$overlay"
sed -i.old -e "s#\"classroom/production\"#\"classroom/$name\"#" -e "s#^\( *env = \)\"production\"#\1\"$name\"#" "$env/main.tf"
rm "$env/main.tf.old"
# sed says nothing of what it did not find, and two cells with one name for their state would undo each other.
grep -q "\"classroom/$name\"" "$env/main.tf"
grep -q "env = \"$name\"" "$env/main.tf"
echo "next: the runbook with ENV=$name"
