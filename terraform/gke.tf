# The web tier's cluster: private nodes, a control plane that only IAM opens, no upgrade during a class.

resource "google_container_cluster" "web" {
  #checkov:skip=CKV_GCP_12:Dataplane V2 enforces NetworkPolicies; the add-on that is looked for is the older way
  #checkov:skip=CKV_GCP_20:the control plane has no address to authorize networks for; IAM guards its DNS name
  #checkov:skip=CKV_GCP_65:Google Groups need a domain of the operators' own; IAM roles on the project do here
  #checkov:skip=CKV_GCP_66:images come from one registry that only operators push to; no attestor exists yet
  #checkov:skip=CKV_GCP_69:the default pool is removed; the pool below has GKE_METADATA
  name                = var.name
  location            = local.cluster_location
  deletion_protection = var.deletion_protection

  network           = google_compute_network.main.id
  subnetwork        = google_compute_subnetwork.nodes.id
  networking_mode   = "VPC_NATIVE"
  datapath_provider = "ADVANCED_DATAPATH" # Dataplane V2: enforces and logs NetworkPolicies

  remove_default_node_pool = true
  initial_node_count       = 1
  enable_shielded_nodes    = true

  enable_intranode_visibility = true # flow logs see pods of one node as well

  ip_allocation_policy {
    cluster_secondary_range_name  = local.pods_range_name
    services_secondary_range_name = local.services_range
  }

  private_cluster_config {
    enable_private_nodes = true
  }

  # No address of the control plane at all: kubectl comes by its DNS name, and IAM decides.
  control_plane_endpoints_config {
    dns_endpoint_config {
      allow_external_traffic = true
    }
    ip_endpoints_config {
      enabled = false
    }
  }

  master_auth {
    client_certificate_config {
      issue_client_certificate = false
    }
  }

  rbac_binding_config {
    enable_insecure_binding_system_authenticated   = false
    enable_insecure_binding_system_unauthenticated = false
  }

  workload_identity_config {
    workload_pool = "${var.project}.svc.id.goog"
  }

  # Secrets as files from Secret Manager: the CSI driver, kept by Google.
  secret_manager_config {
    enabled = true
  }

  gateway_api_config {
    channel = "CHANNEL_STANDARD"
  }

  addons_config {
    http_load_balancing {
      disabled = false
    }
    horizontal_pod_autoscaling {
      disabled = true # pods are as many as the overlay says
    }
    dns_cache_config {
      enabled = true
    }
  }

  release_channel {
    channel = "REGULAR"
  }

  maintenance_policy {
    recurring_window {
      start_time = "2026-01-01T17:00:00Z" # 02:00 to 06:00 in Japan, every night
      end_time   = "2026-01-01T21:00:00Z"
      recurrence = "FREQ=DAILY"
    }

    dynamic "maintenance_exclusion" {
      for_each = var.class_windows
      content {
        exclusion_name = maintenance_exclusion.value.name
        start_time     = maintenance_exclusion.value.start
        end_time       = maintenance_exclusion.value.end
        exclusion_options {
          scope = "NO_UPGRADES"
        }
      }
    }
  }

  dynamic "database_encryption" {
    for_each = var.kms_key[*]
    content {
      state    = "ENCRYPTED"
      key_name = database_encryption.value
    }
  }

  logging_config {
    enable_components = ["SYSTEM_COMPONENTS", "WORKLOADS"]
  }

  monitoring_config {
    enable_components = ["SYSTEM_COMPONENTS", "POD", "DEPLOYMENT"]
    managed_prometheus {
      enabled = true
    }
  }

  security_posture_config {
    mode               = "BASIC"
    vulnerability_mode = "VULNERABILITY_DISABLED" # the registry scans what is pushed
  }

  cost_management_config {
    enabled = true
  }

  node_pool_defaults {
    node_config_defaults {
      insecure_kubelet_readonly_port_enabled = "FALSE"
    }
  }

  resource_labels = { app = var.name }

  depends_on = [google_project_iam_member.nodes]
}

resource "google_container_node_pool" "web" {
  name     = "web"
  cluster  = google_container_cluster.web.id
  location = local.cluster_location

  initial_node_count = var.web_nodes.min

  autoscaling {
    min_node_count  = var.web_nodes.min
    max_node_count  = var.web_nodes.max
    location_policy = "BALANCED"
  }

  management {
    auto_repair  = true
    auto_upgrade = true
  }

  # A new node is ready before an old one is drained.
  upgrade_settings {
    max_surge       = 1
    max_unavailable = 0
  }

  node_config {
    machine_type      = var.web_machine_type
    image_type        = "COS_CONTAINERD"
    disk_type         = "pd-balanced"
    disk_size_gb      = 50
    boot_disk_kms_key = var.kms_key
    service_account   = google_service_account.nodes.email
    oauth_scopes      = ["https://www.googleapis.com/auth/cloud-platform"] # IAM decides, not scopes

    workload_metadata_config {
      mode = "GKE_METADATA" # pods never see the node's own account
    }

    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }

    metadata = {
      disable-legacy-endpoints = "true"
    }
  }

  lifecycle {
    ignore_changes = [initial_node_count] # the autoscaler's from the first day on
  }
}
