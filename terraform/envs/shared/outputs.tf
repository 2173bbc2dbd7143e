output "classroom" {
  description = "Everything that the Kubernetes overlays and the runbook need; see the module's outputs."
  value       = module.classroom
}

# The ones that the runbook asks for by name, with `terraform output -raw`.

output "project" {
  description = "Project id."
  value       = module.classroom.project
}

output "region" {
  description = "Region of everything."
  value       = module.classroom.region
}

output "url" {
  description = "Address of the class."
  value       = module.classroom.url
}

output "staff_host" {
  description = "Host name of facilitators."
  value       = module.classroom.staff_host
}

output "kubectl" {
  description = "Command that points kubectl at the cluster."
  value       = module.classroom.kubectl
}

output "zone" {
  description = "Zone of the VMs of the compute tier."
  value       = module.classroom.zone
}

output "door_is_open" {
  description = "True while armor_preview lets everybody in."
  value       = module.classroom.door_is_open
}

output "address" {
  description = "Address of the load balancer: the last of CLASSROOM_TRUSTED_PROXIES."
  value       = module.classroom.address
}

output "ml_targets" {
  description = "Addresses of the compute tier (CLASSROOM_ML_TARGETS)."
  value       = module.classroom.ml_targets
}

output "sql_address" {
  description = "Private address of the database, in CLASSROOM_QUEUE_DATABASE_URL."
  value       = module.classroom.sql_address
}
