# The sandbox: as production in kind, as cheap as that goes, and easy to throw away.
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

  deletion_protection = false

  web_machine_type = "e2-standard-2"
  web_nodes        = { min = 1, max = 2 }
  sql_tier         = "db-g1-small" # takes 100 connections: 2 pods and one more, 30 each

  ml_machine_type = var.ml_cpu_only ? "e2-standard-8" : "n1-standard-4"
  gpu_type        = "nvidia-tesla-t4"
  gpus            = var.ml_cpu_only ? 0 : 1
  ml_spot         = true
}
