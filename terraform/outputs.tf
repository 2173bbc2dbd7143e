# What the Kubernetes overlays and the runbook need.

output "project" {
  description = "Project id."
  value       = var.project
}

output "region" {
  description = "Region of everything."
  value       = var.region
}

output "zone" {
  description = "Zone of the VMs of the compute tier."
  value       = var.zone
}

output "kubectl" {
  description = "Command that points kubectl at the cluster, by its DNS name."
  value       = "gcloud container clusters get-credentials ${google_container_cluster.web.name} --location ${local.cluster_location} --project ${var.project} --dns-endpoint"
}

output "url" {
  description = "Address of the class (CLASSROOM_PUBLIC_URL)."
  value       = "https://${var.domain}"
}

output "address" {
  description = "Address of the load balancer, the last of CLASSROOM_TRUSTED_PROXIES."
  value       = google_compute_global_address.web.address
}

output "address_name" {
  description = "Name of the global address, for the Gateway."
  value       = google_compute_global_address.web.name
}

output "certificate_map" {
  description = "Name of the certificate map, for the Gateway's annotation networking.gke.io/certmap."
  value       = google_certificate_manager_certificate_map.web.name
}

output "armor_policy" {
  description = "Name of the Cloud Armor policy, for the backend policy."
  value       = google_compute_security_policy.web.name
}

output "ssl_policy" {
  description = "Name of the TLS policy, for the gateway policy."
  value       = google_compute_ssl_policy.web.name
}

output "name_servers" {
  description = "Name servers to which the domain's parent delegates; empty without create_dns_zone."
  value       = flatten(google_dns_managed_zone.public[*].name_servers)
}

output "dns_records" {
  description = "Records of the domain, to be set by hand where create_dns_zone is off."
  value = {
    address     = { name = "${var.domain}.", type = "A", data = google_compute_global_address.web.address }
    certificate = google_certificate_manager_dns_authorization.web.dns_resource_record
    staff       = values(local.staff_records)
  }
}

output "staff_host" {
  description = "Host name of facilitators (CLASSROOM_STAFF_HOST)."
  value       = local.staff_domain
}

output "staff_armor_policy" {
  description = "Name of the Cloud Armor policy of facilitators' door, for its backend policy."
  value       = google_compute_security_policy.staff.name
}

output "bucket" {
  description = "Bucket of photos and models (CLASSROOM_BLOBS, with gs:// before it)."
  value       = google_storage_bucket.photos.name
}

output "registry" {
  description = "Where images are pushed: REGISTRY/web:TAG and REGISTRY/ml:TAG."
  value       = local.registry
}

output "sql_instance" {
  description = "Connection name of the database (CLASSROOM_CLOUD_SQL_INSTANCE)."
  value       = google_sql_database_instance.main.connection_name
}

output "sql_address" {
  description = "Private address of the database, for the queue's own driver and the NetworkPolicy."
  value       = google_sql_database_instance.main.private_ip_address
}

output "sql_user" {
  description = "User of the databases `classroom` and `queue`."
  value       = google_sql_user.web.name
}

output "service_accounts" {
  description = "Google service accounts; `web` goes into the annotation iam.gke.io/gcp-service-account."
  value = {
    web   = google_service_account.web.email
    ml    = google_service_account.ml.email
    nodes = google_service_account.nodes.email
  }
}

output "secrets" {
  description = "Ids of the secrets in Secret Manager, by what they are."
  value       = { for key, secret in google_secret_manager_secret.all : key => secret.secret_id }
}

output "ml_targets" {
  description = "Addresses of the compute tier (CLASSROOM_ML_TARGETS); the same while there is no VM yet."
  value       = join(",", [for port in local.ml_ports : "dns:///${local.ml_host}:${port}"])
}

output "cidrs" {
  description = "Blocks that a NetworkPolicy names: the GPU VMs, the database, Google's APIs, the load balancer's probes."
  value = {
    ml            = google_compute_subnetwork.ml.ip_cidr_range
    sql           = "${google_compute_global_address.services.address}/${google_compute_global_address.services.prefix_length}"
    google_apis   = local.google_apis_cidr
    load_balancer = local.health_check_cidr
  }
}

# -- what an operator should know before a class, and the environments' tests ask ---------------------------

output "protection" {
  description = "What a destroy refuses: read from the resources themselves."
  value = {
    cluster  = google_container_cluster.web.deletion_protection
    database = google_sql_database_instance.main.deletion_protection && google_sql_database_instance.main.settings[0].deletion_protection_enabled
    bucket   = !google_storage_bucket.photos.force_destroy
  }
}

output "size" {
  description = "Where cluster and database stand, what the VMs of the compute tier are, and whether they may be taken away at any time."
  value = {
    cluster_location = google_container_cluster.web.location
    nodes_min        = google_container_node_pool.web.autoscaling[0].min_node_count
    database_zones   = google_sql_database_instance.main.settings[0].availability_type
    ml_machine_type  = google_compute_instance_template.ml.machine_type
    ml_gpus          = sum(concat([0], google_compute_instance_template.ml.guest_accelerator[*].count))
    ml_gpu_type      = join(",", google_compute_instance_template.ml.guest_accelerator[*].type)
    ml_spot          = google_compute_instance_template.ml.scheduling[0].preemptible
  }
}

output "door_is_open" {
  description = "True while armor_preview lets everybody in."
  value       = anytrue([for rule in google_compute_security_policy.web.rule : rule.priority == local.lowest_priority && rule.action == "allow"])
}
