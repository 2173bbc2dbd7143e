# The compute tier: a stateful managed instance group of VMs, with GPUs or (gpus = 0) without. Each VM keeps its name and its address
# when it is healed, so that ml.NAME.internal always lists them all; nothing else of a VM is worth keeping.

locals {
  ml_uid = 10001 # the image's user; only its TLS files on this machine need to know

  ml_files = concat(
    [
      for script in ["image", "maintenance", "restart", "secrets"] : {
        path        = "/etc/ml-core/${script}"
        permissions = "0755"
        content     = file("${path.module}/ml/${script}.sh")
      }
    ],
    [
      for unit in concat(var.gpus > 0 ? ["driver.service"] : [], ["maintenance.service", "metrics.service"]) : {
        path        = "/etc/systemd/system/ml-core-${unit}"
        permissions = "0644"
        content     = templatefile("${path.module}/ml/${unit}", { units = join(" ", local.ml_units), driver = var.gpu_driver, collector = var.metrics_collector })
      }
    ],
    [{
      path        = "/etc/ml-core/metrics.yaml"
      permissions = "0644"
      content     = templatefile("${path.module}/ml/metrics.yaml.tftpl", { ports = local.ml_metrics_ports })
    }],
    [
      for number in range(local.ml_servers) : {
        path        = "/etc/systemd/system/${local.ml_units[number]}"
        permissions = "0644"
        content = templatefile("${path.module}/ml/server.service.tftpl", {
          number        = number
          has_gpu       = var.gpus > 0
          port          = local.ml_ports[number]
          metrics_port  = local.ml_metrics_ports[number]
          servers       = local.ml_servers
          backbone      = var.ml_backbone
          registry_host = split("/", local.registry)[0]
          bucket        = google_storage_bucket.photos.name
          project       = var.project
          secret_prefix = "${var.name}-ml"
          repository    = "${local.registry}/ml"
          grace_seconds = var.ml_stop_grace_seconds
          uid           = local.ml_uid
        })
      }
    ],
  )
  ml_metrics_ports = [for number in range(local.ml_servers) : 9464 + number]

  ml_units = [for number in range(local.ml_servers) : "ml-core-${number}.service"]

  ml_cloud_init = {
    write_files = local.ml_files
    runcmd = [
      "systemctl daemon-reload",
      "systemctl start --no-block ml-core-maintenance.service ml-core-metrics.service ${join(" ", local.ml_units)}",
    ]
  }
}

resource "google_compute_instance_template" "ml" {
  name_prefix  = "${var.name}-ml-"
  region       = var.region
  machine_type = var.ml_machine_type

  dynamic "guest_accelerator" {
    for_each = var.gpus > 0 ? [var.gpus] : []
    content {
      type  = var.gpu_type
      count = guest_accelerator.value
    }
  }

  scheduling {
    # A VM with a GPU, or a spot one, cannot move while it runs; others do, and nobody notices.
    on_host_maintenance         = var.gpus > 0 || var.ml_spot ? "TERMINATE" : "MIGRATE"
    automatic_restart           = !var.ml_spot
    provisioning_model          = var.ml_spot ? "SPOT" : "STANDARD"
    preemptible                 = var.ml_spot
    instance_termination_action = var.ml_spot ? "STOP" : null
  }

  disk {
    boot         = true
    auto_delete  = true
    source_image = var.ml_boot_image
    disk_type    = "pd-balanced"
    disk_size_gb = var.ml_disk_gb

    dynamic "disk_encryption_key" {
      for_each = var.kms_key[*]
      content {
        kms_key_self_link = disk_encryption_key.value
      }
    }
  }

  # No access_config: no public address.
  network_interface {
    subnetwork = google_compute_subnetwork.ml.id
  }

  service_account {
    email  = google_service_account.ml.email
    scopes = ["cloud-platform"] # IAM decides, not scopes
  }

  shielded_instance_config {
    enable_secure_boot          = true # Container-Optimized OS signs its GPU driver
    enable_vtpm                 = true
    enable_integrity_monitoring = true
  }

  metadata = {
    user-data                 = "#cloud-config\n${yamlencode(local.ml_cloud_init)}"
    enable-oslogin            = "TRUE"
    block-project-ssh-keys    = "TRUE"
    serial-port-enable        = "FALSE"
    cos-update-strategy       = "update_disabled" # nothing changes between the rehearsal and the class; a VM made anew has the newest of its milestone
    google-logging-enabled    = "true"
    google-monitoring-enabled = "true"
  }

  labels = { app = var.name, tier = "ml" }

  lifecycle {
    create_before_destroy = true
  }
}

# TCP, because a server that asks callers for a certificate refuses Google's gRPC probes. Docker forwards
# the port to the container itself, so that a server that is still loading does not look alive.
resource "google_compute_health_check" "ml" {
  name                = "${var.name}-ml"
  check_interval_sec  = 10
  timeout_sec         = 5
  healthy_threshold   = 2
  unhealthy_threshold = 6

  tcp_health_check {
    port = local.ml_ports[0]
  }

  depends_on = [google_project_service.api]
}

# The size is that of the per-instance configurations below. Left out here, so that a scheduled stop is no
# difference that the next apply would undo.
resource "google_compute_instance_group_manager" "ml" {
  name               = "${var.name}-ml"
  zone               = var.zone
  base_instance_name = "${var.name}-ml"
  wait_for_instances = false

  version {
    instance_template = google_compute_instance_template.ml.id
  }

  auto_healing_policies {
    health_check      = google_compute_health_check.ml.id
    initial_delay_sec = 900 # driver, image of several gigabytes, weights
  }

  # In place and one after the other: a second VM cannot take the first one's name and address.
  update_policy {
    type                  = "PROACTIVE"
    minimal_action        = "REPLACE"
    replacement_method    = "RECREATE"
    max_surge_fixed       = 0
    max_unavailable_fixed = 1
  }

  named_port {
    name = "grpc"
    port = local.ml_ports[0]
  }
}

resource "google_compute_address" "ml" {
  count = var.ml_instances

  name         = "${var.name}-ml-${count.index}"
  region       = var.region
  address_type = "INTERNAL"
  subnetwork   = google_compute_subnetwork.ml.id
  address      = cidrhost(google_compute_subnetwork.ml.ip_cidr_range, 10 + count.index)
}

resource "google_compute_per_instance_config" "ml" {
  count = var.ml_instances

  instance_group_manager           = google_compute_instance_group_manager.ml.name
  zone                             = var.zone
  name                             = "${var.name}-ml-${count.index}"
  remove_instance_on_destroy       = true
  remove_instance_state_on_destroy = true

  preserved_state {
    internal_ip {
      interface_name = "nic0"
      auto_delete    = "NEVER"
      ip_address {
        address = google_compute_address.ml[count.index].self_link
      }
    }
  }
}

resource "google_dns_managed_zone" "internal" {
  name        = "${var.name}-internal"
  description = "Names of the compute tier, inside the network only"
  dns_name    = "${var.name}.internal."
  visibility  = "private"

  private_visibility_config {
    networks {
      network_url = google_compute_network.main.id
    }
  }
}

resource "google_dns_record_set" "ml" {
  count = var.ml_instances > 0 ? 1 : 0

  managed_zone = google_dns_managed_zone.internal.name
  name         = "${local.ml_host}."
  type         = "A"
  ttl          = 30
  rrdatas      = google_compute_address.ml[*].address
}
