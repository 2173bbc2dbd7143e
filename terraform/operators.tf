# What the people of a class day may do beside SSH (iap.tf): see, start, stop, roll out. Each role has its reason, and
# none of them reads the bucket of photos or the database. Who builds the project and applies this is its owner.
#
# Whoever may run a command in a pod, or become root on a GPU VM, can do what that machine can, and it reads photos to
# do its work. So these are the few who run a class, by name, and both ways in leave a line in the audit log.

locals {
  operator_roles = {
    "roles/artifactregistry.reader"           = "which image a release is"
    "roles/certificatemanager.viewer"         = "is the public certificate issued?"
    "roles/cloudsql.viewer"                   = "does the database run?"
    "roles/compute.viewer"                    = "VMs, their group, the load balancer"
    "roles/container.developer"               = "kubectl: roll out, restart, scale, read what pods say"
    "roles/logging.viewer"                    = "what pods and VMs said; not the audit log of who read data"
    "roles/monitoring.viewer"                 = "the dashboard and the alerts"
    "roles/serviceusage.serviceUsageConsumer" = "gcloud names the project that its calls are counted for"
  }

  # New values: a release, certificates. What can be read is what a renewal or a way back needs.
  operator_writes = toset(["ml-image", "ml-ca-key", "ml-ca-cert", "ml-server-key", "ml-server-cert", "ml-client-key", "ml-client-cert"])
  operator_reads  = toset(["ml-image", "ml-ca-key", "ml-ca-cert"])
}

resource "google_project_iam_member" "operator" {
  for_each = { for pair in setproduct(var.operators, keys(local.operator_roles)) : "${pair[0]} ${pair[1]}" => pair }

  project = var.project
  role    = each.value[1]
  member  = each.value[0]
}

# Starting and stopping the VMs of the group; roles/compute.instanceAdmin would change them too.
resource "google_project_iam_custom_role" "operator" {
  role_id     = "${replace(var.name, "-", "_")}_operator"
  title       = "Start and stop VMs of an instance group"
  permissions = ["compute.instanceGroupManagers.get", "compute.instanceGroupManagers.list", "compute.instanceGroupManagers.update"]

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "operator_vms" {
  for_each = var.operators

  project = var.project
  role    = google_project_iam_custom_role.operator.id
  member  = each.key
}

resource "google_artifact_registry_repository_iam_member" "operator" {
  for_each = var.operators

  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = each.key
}

resource "google_secret_manager_secret_iam_member" "operator_writes" {
  for_each = { for pair in setproduct(var.operators, local.operator_writes) : "${pair[0]} ${pair[1]}" => pair }

  secret_id = google_secret_manager_secret.all[each.value[1]].id
  role      = "roles/secretmanager.secretVersionAdder"
  member    = each.value[0]
}

# Which versions there are, not what is in them.
resource "google_secret_manager_secret_iam_member" "operator_lists" {
  for_each = { for pair in setproduct(var.operators, local.operator_writes) : "${pair[0]} ${pair[1]}" => pair }

  secret_id = google_secret_manager_secret.all[each.value[1]].id
  role      = "roles/secretmanager.viewer"
  member    = each.value[0]
}

resource "google_secret_manager_secret_iam_member" "operator_reads" {
  for_each = { for pair in setproduct(var.operators, local.operator_reads) : "${pair[0]} ${pair[1]}" => pair }

  secret_id = google_secret_manager_secret.all[each.value[1]].id
  role      = "roles/secretmanager.secretAccessor"
  member    = each.value[0]
}
