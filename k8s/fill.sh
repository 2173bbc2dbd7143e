#!/usr/bin/env bash
# Writes into an overlay what terraform knows of its project: project, host, addresses, image, account. What else is
# in the overlay stays. Run it after the first apply, look at `git diff`, and commit it.
# Usage: k8s/fill.sh sandbox|production
set -euo pipefail
env=$1
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$root/k8s/overlays/$env
out() { terraform -chdir="$root/terraform/envs/$env" output -raw "$1"; }
# A line each: of several in one line bash looks at the last one's status alone.
project=$(out project)
region=$(out region)
url=$(out url)
staff=$(out staff_host)
address=$(out address)
sql=$(out sql_address)
targets=$(out ml_targets)

sed -i.old \
  -e "s#^CLASSROOM_PUBLIC_URL=.*#CLASSROOM_PUBLIC_URL=$url#" \
  -e "s#^CLASSROOM_STAFF_HOST=.*#CLASSROOM_STAFF_HOST=$staff#" \
  -e "s#^CLASSROOM_BLOBS=.*#CLASSROOM_BLOBS=gs://$project-classroom-photos#" \
  -e "s#^CLASSROOM_CLOUD_SQL_INSTANCE=.*#CLASSROOM_CLOUD_SQL_INSTANCE=$project:$region:classroom-db#" \
  -e "s#^\(CLASSROOM_QUEUE_DATABASE_URL=postgresql://classroom@\)[^/]*#\1$sql#" \
  -e "s#^CLASSROOM_ML_TARGETS=.*#CLASSROOM_ML_TARGETS=$targets#" \
  -e "s#^\(CLASSROOM_TRUSTED_PROXIES=.*,\).*#\1$address#" \
  "$folder/settings/settings.env"
sed -i.old \
  -e "s#^\( *newName: \).*#\1$region-docker.pkg.dev/$project/classroom/web#" \
  -e "s#^\( *value: classroom-web@\).*#\1$project.iam.gserviceaccount.com#" \
  "$folder/kustomization.yaml"
rm "$folder/settings/settings.env.old" "$folder/kustomization.yaml.old"
