# Everything that comes in is refused unless a rule here, or GKE for its own cluster, lets it in.

resource "google_compute_firewall" "deny_ingress" {
  name          = "${var.name}-deny-ingress"
  description   = "The default, said explicitly so that it is logged"
  network       = google_compute_network.main.id
  direction     = "INGRESS"
  priority      = 65534
  source_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }

  log_config {
    metadata = "EXCLUDE_ALL_METADATA"
  }
}

resource "google_compute_firewall" "ml_from_pods" {
  name                    = "${var.name}-ml-from-pods"
  description             = "The web tier calls ml_core over mutual TLS, one port a GPU"
  network                 = google_compute_network.main.id
  direction               = "INGRESS"
  priority                = 1000
  source_ranges           = [for range in google_compute_subnetwork.nodes.secondary_ip_range : range.ip_cidr_range if range.range_name == local.pods_range_name]
  target_service_accounts = [google_service_account.ml.email]

  allow {
    protocol = "tcp"
    ports    = local.ml_ports
  }
}

resource "google_compute_firewall" "ml_health" {
  name                    = "${var.name}-ml-health"
  description             = "Autohealing's probes"
  network                 = google_compute_network.main.id
  direction               = "INGRESS"
  priority                = 1000
  source_ranges           = local.health_check_cidr
  target_service_accounts = [google_service_account.ml.email]

  allow {
    protocol = "tcp"
    ports    = [local.ml_ports[0]]
  }
}

resource "google_compute_firewall" "ml_ssh" {
  name                    = "${var.name}-ml-ssh"
  description             = "SSH through Identity-Aware Proxy alone"
  network                 = google_compute_network.main.id
  direction               = "INGRESS"
  priority                = 1000
  source_ranges           = local.iap_cidr
  target_service_accounts = [google_service_account.ml.email]

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }

  log_config {
    metadata = "INCLUDE_ALL_METADATA" # who opened a shell is worth a full line
  }
}

# The GPU VMs hold children's photos in memory: they can reach Google's APIs and nothing beyond.
resource "google_compute_firewall" "ml_deny_egress" {
  name                    = "${var.name}-ml-deny-egress"
  network                 = google_compute_network.main.id
  direction               = "EGRESS"
  priority                = 65534
  destination_ranges      = ["0.0.0.0/0"]
  target_service_accounts = [google_service_account.ml.email]

  deny {
    protocol = "all"
  }

  log_config {
    metadata = "EXCLUDE_ALL_METADATA"
  }
}

resource "google_compute_firewall" "ml_google_apis" {
  name                    = "${var.name}-ml-google-apis"
  description             = "Storage, Secret Manager, the registry, logs and the GPU driver"
  network                 = google_compute_network.main.id
  direction               = "EGRESS"
  priority                = 1000
  destination_ranges      = [local.google_apis_cidr]
  target_service_accounts = [google_service_account.ml.email]

  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}
