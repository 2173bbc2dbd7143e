output "classroom" {
  description = "Everything that the Kubernetes overlays and the runbook need; see the module's outputs."
  value       = module.classroom
}
