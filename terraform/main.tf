# Names that several files share, and the APIs that all of them need.

locals {
  bucket            = "${var.project}-${var.name}-photos"
  kubernetes        = { namespace = "classroom", service_account = "web" }
  ml_host           = "ml.${var.name}.internal"
  ml_servers        = max(1, var.gpus) # of one VM
  ml_ports          = [for server in range(local.ml_servers) : 50051 + server]
  registry          = "${var.region}-docker.pkg.dev/${var.project}/${var.name}"
  cluster_location  = var.cluster_regional ? var.region : var.zone
  pods_range_name   = "pods"
  services_range    = "services"
  seconds_of_a_day  = 86400
  database_user     = "classroom"
  databases         = toset(["classroom", "queue"])
  health_check_cidr = ["35.191.0.0/16", "130.211.0.0/22"] # Google's probes
  iap_cidr          = ["35.235.240.0/20"]                 # Identity-Aware Proxy's TCP forwarding
}

resource "google_project_service" "api" {
  for_each = toset([
    "artifactregistry", "billingbudgets", "certificatemanager", "cloudscheduler", "compute", "container", "dns",
    "iam", "iap", "logging", "monitoring", "secretmanager", "servicenetworking", "sqladmin", "storage",
    "iamcredentials",    # the pods' tokens
    "containerscanning", # the registry scans what is pushed
  ])

  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false # other things in the project may use it
}

data "google_project" "this" {
  depends_on = [google_project_service.api]
}
