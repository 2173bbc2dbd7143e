# Who may do what. Roles on one bucket, secret or repository stand beside it in its own file.

resource "google_service_account" "web" {
  account_id   = "${var.name}-web"
  display_name = "Web tier"

  depends_on = [google_project_service.api]
}

resource "google_service_account" "ml" {
  account_id   = "${var.name}-ml"
  display_name = "Compute tier on GPU VMs"

  depends_on = [google_project_service.api]
}

resource "google_service_account" "nodes" {
  account_id   = "${var.name}-nodes"
  display_name = "Nodes of the cluster"

  depends_on = [google_project_service.api]
}

# Pods of the web tier act as its account, without a key.
resource "google_service_account_iam_member" "web_pods" {
  service_account_id = google_service_account.web.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${google_container_cluster.web.workload_identity_config[0].workload_pool}[${local.kubernetes.namespace}/${local.kubernetes.service_account}]"
}

resource "google_project_iam_member" "web" {
  for_each = toset(["roles/cloudsql.client"])

  project = var.project
  role    = each.key
  member  = google_service_account.web.member
}

resource "google_project_iam_member" "ml" {
  for_each = toset(["roles/logging.logWriter", "roles/monitoring.metricWriter"])

  project = var.project
  role    = each.key
  member  = google_service_account.ml.member
}

resource "google_project_iam_member" "nodes" {
  for_each = toset(["roles/container.defaultNodeServiceAccount"])

  project = var.project
  role    = each.key
  member  = google_service_account.nodes.member
}
