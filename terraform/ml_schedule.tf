# GPU VMs that run in class hours only, and a last hour of every day for those that somebody started by hand and
# forgot. They are stopped, not deleted: name, address and the pulled image stay, the GPU is not paid. (A stateful
# group cannot have an autoscaler, nor its schedules.)

locals {
  ml_schedule = var.ml_instances == 0 ? {} : merge(
    var.ml_schedule == null ? {} : {
      start = { cron = var.ml_schedule.start, time_zone = var.ml_schedule.time_zone, call = "startInstances" }
      stop  = { cron = var.ml_schedule.stop, time_zone = var.ml_schedule.time_zone, call = "stopInstances" }
    },
    var.ml_hard_stop == null ? {} : {
      forgotten = { cron = var.ml_hard_stop.cron, time_zone = var.ml_hard_stop.time_zone, call = "stopInstances" }
    },
  )
}

resource "google_service_account" "schedule" {
  count = length(local.ml_schedule) > 0 ? 1 : 0

  account_id   = "${var.name}-schedule"
  display_name = "Starts and stops the GPU VMs"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_custom_role" "schedule" {
  count = length(local.ml_schedule) > 0 ? 1 : 0

  role_id     = "${replace(var.name, "-", "_")}_ml_schedule"
  title       = "Start and stop VMs of an instance group"
  permissions = ["compute.instanceGroupManagers.get", "compute.instanceGroupManagers.update"]

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "schedule" {
  count = length(local.ml_schedule) > 0 ? 1 : 0

  project = var.project
  role    = google_project_iam_custom_role.schedule[0].id
  member  = google_service_account.schedule[0].member
}

resource "google_cloud_scheduler_job" "ml" {
  for_each = local.ml_schedule

  name             = "${var.name}-ml-${each.key}"
  region           = var.region
  schedule         = each.value.cron
  time_zone        = each.value.time_zone
  attempt_deadline = "60s"

  retry_config {
    retry_count          = 5
    min_backoff_duration = "10s"
  }

  http_target {
    http_method = "POST"
    uri         = "https://compute.googleapis.com/compute/v1/projects/${var.project}/zones/${var.zone}/instanceGroupManagers/${google_compute_instance_group_manager.ml.name}/${each.value.call}"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode(jsonencode({ instances = [for vm in google_compute_per_instance_config.ml : "zones/${var.zone}/instances/${vm.name}"] }))

    oauth_token {
      service_account_email = google_service_account.schedule[0].email
    }
  }
}
