# Production: what a class day needs, twice where one failure would stop the class.
module "classroom" {
  source = "../.."

  project         = var.project
  region          = var.region
  zone            = var.zone
  domain          = var.domain
  create_dns_zone = var.create_dns_zone
  operators       = var.operators
  kms_key         = var.kms_key

  venue_cidrs   = var.venue_cidrs
  armor_preview = var.armor_preview
  class_windows = var.class_windows
  alert_emails  = var.alert_emails
  budget        = var.budget

  database_password         = var.database_password
  database_password_version = var.database_password_version

  ml_instances = var.ml_instances
  ml_image     = var.ml_image
  ml_backbone  = var.ml_backbone
  ml_schedule  = var.ml_schedule

  deletion_protection = true

  cluster_regional     = true
  web_machine_type     = "e2-standard-4"
  web_nodes            = { min = 1, max = 3 }
  sql_tier             = "db-custom-2-7680"
  sql_connections_max  = 200 # 4 pods and one more, 30 each; 7.5 GB carry them
  sql_highly_available = true

  ml_machine_type = var.ml_cpu_only ? "e2-standard-8" : "g2-standard-8"
  gpu_type        = "nvidia-l4"
  gpus            = var.ml_cpu_only ? 0 : 1
}
