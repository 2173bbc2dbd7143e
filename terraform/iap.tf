# SSH to a GPU VM: through Identity-Aware Proxy, with OS Login, by named people.

resource "google_compute_project_metadata_item" "os_login" {
  key   = "enable-oslogin"
  value = "TRUE"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "operator_tunnel" {
  for_each = var.operators

  project = var.project
  role    = "roles/iap.tunnelResourceAccessor"
  member  = each.key

  condition {
    title      = "ssh-only"
    expression = "destination.port == 22"
  }
}

# With sudo: a server is restarted after new certificates, and its container is looked into.
resource "google_project_iam_member" "operator_login" {
  for_each = var.operators

  project = var.project
  role    = "roles/compute.osAdminLogin"
  member  = each.key
}

# OS Login asks for this on a VM that has an account of its own.
resource "google_service_account_iam_member" "operator" {
  for_each = var.operators

  service_account_id = google_service_account.ml.name
  role               = "roles/iam.serviceAccountUser"
  member             = each.key
}
