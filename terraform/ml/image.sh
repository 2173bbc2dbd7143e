#!/bin/bash
# Makes the release that is rolled out this machine's: pulls the image that a file names, by its digest, and gives
# it a name that the server's unit knows. Two releases stay: the one before is there when it is wanted back.
# Usage: image FILE REPOSITORY NAME
set -euo pipefail
file=$1 repository=$2 name=$3
image=$(<"$file")
# A tag can be another image tomorrow, and two machines would run two releases in one class.
if [[ ! $image =~ ^"$repository"@sha256:[0-9a-f]{64}$ ]]; then
  echo "not an image of $repository with its digest: $image" >&2
  exit 1
fi
docker pull --quiet "$image"
docker tag "$image" "$name"
# The newest first; what a container uses is not removed.
docker images --no-trunc --quiet "$repository" | awk '!seen[$0]++' | tail -n +3 | xargs --no-run-if-empty docker rmi --force || true
