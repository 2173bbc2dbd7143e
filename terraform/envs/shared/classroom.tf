# The whole installation. What tells one environment from the other is in `local.env` and `local.size`, in its main.tf.
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
  staff_domain  = var.staff_domain
  staff_cidrs   = var.staff_cidrs
  armor_preview = var.armor_preview
  class_windows = var.class_windows
  alert_emails  = var.alert_emails
  budget        = var.budget

  database_password         = var.database_password
  database_password_version = var.database_password_version

  deletion_protection = local.size.deletion_protection

  cluster_regional     = local.size.cluster_regional
  web_machine_type     = local.size.web_machine_type
  web_nodes            = local.size.web_nodes
  sql_tier             = local.size.sql_tier
  sql_connections_max  = local.size.sql_connections_max
  sql_highly_available = local.size.sql_highly_available

  ml_instances    = var.ml_instances
  ml_backbone     = var.ml_backbone
  ml_schedule     = var.ml_schedule
  ml_hard_stop    = var.ml_hard_stop
  ml_machine_type = var.ml_cpu_only ? "e2-standard-8" : local.size.gpu_machine_type
  gpu_type        = local.size.gpu_type
  gpus            = var.ml_cpu_only ? 0 : 1
  ml_spot         = local.size.ml_spot
}
