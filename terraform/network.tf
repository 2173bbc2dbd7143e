# One VPC with two subnets: nodes with their pods and services, and the GPU VMs in a block of their own,
# so that a NetworkPolicy can name them. Nothing has a public address except the load balancer.

resource "google_compute_network" "main" {
  name                    = var.name
  auto_create_subnetworks = false
  routing_mode            = "REGIONAL"

  depends_on = [google_project_service.api]
}

resource "google_compute_subnetwork" "nodes" {
  name                     = "${var.name}-nodes"
  region                   = var.region
  network                  = google_compute_network.main.id
  ip_cidr_range            = "10.10.0.0/20"
  private_ip_google_access = true

  secondary_ip_range {
    range_name    = local.pods_range_name
    ip_cidr_range = "10.20.0.0/16"
  }

  secondary_ip_range {
    range_name    = local.services_range
    ip_cidr_range = "10.30.0.0/20"
  }

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "EXCLUDE_ALL_METADATA"
  }
}

resource "google_compute_subnetwork" "ml" {
  name                     = "${var.name}-ml"
  region                   = var.region
  network                  = google_compute_network.main.id
  ip_cidr_range            = "10.10.16.0/24"
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "EXCLUDE_ALL_METADATA"
  }
}

# -- ways out: none to the internet. Nodes and GPU VMs pull, log and read at Google's own addresses ---------

# Google's APIs at addresses that a firewall rule can name.
locals {
  google_apis_cidr = "199.36.153.8/30" # private.googleapis.com
  google_apis      = toset(["googleapis.com", "gcr.io", "pkg.dev"])
}

resource "google_dns_managed_zone" "google_apis" {
  for_each = local.google_apis

  name        = "${var.name}-${replace(each.key, ".", "-")}"
  description = "${each.key} at its private addresses"
  dns_name    = "${each.key}."
  visibility  = "private"

  private_visibility_config {
    networks {
      network_url = google_compute_network.main.id
    }
  }
}

resource "google_dns_record_set" "google_apis" {
  for_each = local.google_apis

  managed_zone = google_dns_managed_zone.google_apis[each.key].name
  name         = "${each.key}."
  type         = "A"
  ttl          = 300
  rrdatas      = [for host in range(4) : cidrhost(local.google_apis_cidr, host)]
}

resource "google_dns_record_set" "google_apis_hosts" {
  for_each = local.google_apis

  managed_zone = google_dns_managed_zone.google_apis[each.key].name
  name         = "*.${each.key}."
  type         = "CNAME"
  ttl          = 300
  rrdatas      = ["${each.key}."]
}

# -- the database's network -----------------------------------------------------------------------------

resource "google_compute_global_address" "services" {
  name          = "${var.name}-services"
  description   = "Private service access: addresses of Cloud SQL"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  address       = "10.40.0.0"
  prefix_length = 20
  network       = google_compute_network.main.id
}

resource "google_service_networking_connection" "services" {
  network                 = google_compute_network.main.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.services.name]
}
