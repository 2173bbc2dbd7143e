# Seeing it run: one probe from outside, few alerts that each ask for an action, one dashboard, short logs.

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  display_name = each.key
  type         = "email"
  labels       = { email_address = each.key }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_uptime_check_config" "web" {
  display_name     = "${var.name} answers"
  period           = "60s"
  timeout          = "10s"
  selected_regions = ["ASIA_PACIFIC", "USA_OREGON", "EUROPE"]

  http_check {
    path         = "/readyz"
    port         = 443
    use_ssl      = true
    validate_ssl = true
    accepted_response_status_codes {
      status_class = "STATUS_CLASS_2XX"
    }
  }

  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project, host = var.domain }
  }

  depends_on = [google_project_service.api]
}

# -- alerts ---------------------------------------------------------------------------------------------

locals {
  channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  # Each: what is compared, for how long, and what to do, in the mail itself.
  threshold_alerts = {
    sql-cpu = {
      title    = "The database is busy"
      severity = "WARNING"
      filter   = "metric.type=\"cloudsql.googleapis.com/database/cpu/utilization\" AND resource.type=\"cloudsql_database\" AND resource.labels.database_id=\"${var.project}:${google_sql_database_instance.main.name}\""
      aligner  = "ALIGN_MEAN"
      reducer  = "REDUCE_MAX"
      compare  = "COMPARISON_GT"
      value    = 0.8
      lasts    = "300s"
      advice   = "Look at Query Insights. A larger sql_tier restarts the database: between two classes."
    }
    sql-disk = {
      title    = "The database's disk fills up"
      severity = "WARNING"
      filter   = "metric.type=\"cloudsql.googleapis.com/database/disk/utilization\" AND resource.type=\"cloudsql_database\" AND resource.labels.database_id=\"${var.project}:${google_sql_database_instance.main.name}\""
      aligner  = "ALIGN_MEAN"
      reducer  = "REDUCE_MAX"
      compare  = "COMPARISON_GT"
      value    = 0.85
      lasts    = "300s"
      advice   = "It grows by itself up to disk_autoresize_limit in sql.tf. Delete old classes first."
    }
  }
}

resource "google_monitoring_alert_policy" "threshold" {
  for_each = local.threshold_alerts

  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  conditions {
    display_name = each.value.title
    condition_threshold {
      filter          = each.value.filter
      comparison      = each.value.compare
      threshold_value = each.value.value
      duration        = each.value.lasts
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
      }
    }
  }

  documentation {
    content = each.value.advice
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_monitoring_alert_policy" "errors" {
  display_name          = "${var.name}: Many requests fail"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.channels

  conditions {
    display_name = "More than 2 % of answers are 5xx"
    condition_threshold {
      filter             = "${local.requests_filter} AND metric.labels.response_code_class=500"
      denominator_filter = local.requests_filter
      comparison         = "COMPARISON_GT"
      threshold_value    = 0.02
      duration           = "180s"
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
      }
      denominator_aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content = "503 alone: pods are starting or overloaded, iPads try again by themselves. 500: look at the logs of the web tier for the request id."
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

# The app's own figures. Those of the whole database are the same in every pod: max or min, not sum.
locals {
  figure_alerts = {
    # Not while somebody has taken the pods away on purpose: an incident that stays open from one class to the next
    # would be a false mail, and no mail on the morning of the next. When nobody can say how many pods are wanted (the
    # cluster itself is away), it counts.
    uptime = {
      title    = "The class does not answer"
      severity = "CRITICAL"
      query    = "avg(avg_over_time(monitoring_googleapis_com:uptime_check_check_passed{monitored_resource=\"uptime_url\",check_id=\"${google_monitoring_uptime_check_config.web.uptime_check_id}\"}[2m])) < 0.7 unless (max(kube_deployment_spec_replicas{namespace=\"${local.kubernetes.namespace}\",deployment=\"web\"}) == 0)" # 0.7: one region that cannot reach us is not our outage
      lasts    = "120s"
      advice   = "Open https://${var.domain}/readyz. `kubectl -n classroom get pods` and their logs; then Cloud SQL. iPads keep photos and send them later: the class can pause."
    }
    part = {
      title    = "A part of the app is away"
      severity = "CRITICAL"
      query    = "min by (part) (classroom_part_up{part!~\"ml_core|intake\"}) == 0"
      lasts    = "60s"
      advice   = "The label says which: `database` is Cloud SQL (`gcloud sql instances list`), `blobs` the bucket of photos, `queue` the training queue, `migrations` tables of another release (the job `migrate`). iPads keep their photos and try again."
    }
    ml-away = {
      title    = "The compute tier is away"
      severity = "CRITICAL"
      query    = "max(classroom_part_up{part=\"ml_core\"}) == 0 and sum(classroom_streamlit_sessions) > 0" # a stopped VM outside class hours is no news
      lasts    = "60s"
      advice   = "No VM answers: photos are kept, trainings wait and nothing is tried out. `gcloud compute instance-groups managed list-instances ${var.name}-ml --zone ${var.zone}`. No GPU to be had: ml_cpu_only = true and an apply."
    }
    queue = {
      title    = "Trainings wait"
      severity = "WARNING"
      query    = "max(classroom_run_oldest_wait_seconds) > ${var.queue_wait_seconds_max}"
      lasts    = "60s"
      advice   = "Is the compute tier there (https://${var.domain}/readyz)? Then more taps come than it does: wait, or raise ml_instances before the next class. Nothing is lost."
    }
    runs-fail = {
      title    = "Trainings fail"
      severity = "ERROR"
      query    = "sum(increase(classroom_runs_total{outcome=\"failed\"}[5m])) > 2" # one or two can be a group's own photos
      lasts    = "0s"
      advice   = "The web tier's lines `run_failed` say why: a reason in words is the compute tier's answer, a traceback is ours. Photos and older versions are kept; a group taps once more when it is mended."
    }
    uploads-fail = {
      title    = "Uploads fail"
      severity = "WARNING"
      query    = "sum(rate(classroom_uploads_total{outcome=~\"failed|busy\"}[5m])) > 0.02 * sum(rate(classroom_uploads_total[5m]))"
      lasts    = "120s"
      advice   = "More than 2 % of the photos are not taken in at the first try. Busy: one pod more. Failed: the web tier's lines of severity ERROR."
    }
    decoders-fail = {
      title    = "Photos cannot be decoded"
      severity = "ERROR"
      query    = "sum(increase(classroom_decoder_failures_total[10m])) > 6" # one odd photo makes six and is then set aside
      lasts    = "0s"
      advice   = "Processes that decode photos die or hang; iPads keep the photos and try again. The web tier's lines `decoder_failed` name cause, place and exit code: -9 is a lack of memory (`kubectl -n classroom top pods`: one pod more), `start` a broken image (roll back), `bug` is ours."
    }
    gpu-memory = {
      title    = "A GPU's memory is full"
      severity = "WARNING"
      query    = "min by (instance, device) (ml_core_gpu_memory_bytes{kind=\"free\"} / ignoring(kind) ml_core_gpu_memory_bytes{kind=\"total\"}) < 0.05"
      lasts    = "120s"
      advice   = "Less than a twentieth is free; the label `instance` names the VM. `sudo systemctl restart 'ml-core-[0-9]*'` on that VM gives it back: runs go on at another server. Again and again: a smaller ml_backbone."
    }
    gpu-busy = {
      title    = "A GPU is at its limit"
      severity = "WARNING"
      query    = "min_over_time(ml_core_gpu_busy_ratio[5m]) > 0.95"
      lasts    = "300s"
      advice   = "Nothing is lost, new photos wait longer for their features; the label `instance` names the VM. One VM more (ml_instances) before the next class."
    }
    gpu-idle = {
      title    = "A GPU is paid and nobody uses it"
      severity = "WARNING"
      query    = "max(max_over_time(ml_core_gpu_busy_ratio[5m])) < 0.02 unless (sum(classroom_streamlit_sessions) > 0)"
      lasts    = "7200s"
      advice   = "Two hours without a pass and without an open page. Stop it: `gcloud compute instance-groups managed stop-instances ${var.name}-ml --zone ${var.zone} --instances ${var.name}-ml-0`. `ml_hard_stop` does it in the evening in any case."
    }
    uploads-slow = {
      title    = "Uploads are slow"
      severity = "WARNING"
      query    = "histogram_quantile(0.95, sum by (le) (rate(classroom_upload_seconds_bucket[5m]))) > 5"
      lasts    = "300s"
      advice   = "A twentieth of the groups' photos takes over 5 s to be kept once all of it is here, so it is not their Wi-Fi: one pod more, then a look at the database."
    }
  }
}

resource "google_monitoring_alert_policy" "figure" {
  for_each = local.figure_alerts

  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  conditions {
    display_name = each.value.title
    condition_prometheus_query_language {
      query                     = each.value.query
      duration                  = each.value.lasts
      evaluation_interval       = "30s"
      disable_metric_validation = true # the metrics exist only once the app has run
    }
  }

  documentation {
    content = each.value.advice
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

# What is said in a line, and in no figure: also while no pod runs and nobody is there to be asked.
locals {
  log_alerts = {
    ml-unhealthy = {
      title    = "A VM of the compute tier is unhealthy"
      severity = "WARNING"
      # The group's own events: autohealing's checks are no load balancer's, whose log stays empty here.
      filter = "resource.type=\"gce_instance_group_manager\" AND log_id(\"compute.googleapis.com/instance_group_manager_events\") AND resource.labels.instance_group_manager_name=\"${google_compute_instance_group_manager.ml.name}\" AND \"UNHEALTHY\""
      advice = "The group makes the VM anew by itself, in 5 to 10 minutes. Again and again: `gcloud compute ssh VM --tunnel-through-iap`, then `sudo journalctl -u 'ml-core-*'`. No GPU to be had in the zone: another zone, or ml_cpu_only = true."
    }
    certificates = {
      title    = "Certificates of the compute tier end soon"
      severity = "ERROR"
      filter   = "resource.type=\"k8s_container\" AND resource.labels.namespace_name=\"${local.kubernetes.namespace}\" AND jsonPayload.message=\"certificate_ends_soon\""
      advice   = "After their end the tiers refuse each other and nothing is trained. `terraform/certificates.sh` makes new ones and brings them to both tiers; the runbook's section 3a has the line."
    }
    nightly = {
      title    = "A nightly job failed"
      severity = "ERROR"
      filter   = "resource.type=\"k8s_container\" AND resource.labels.namespace_name=\"${local.kubernetes.namespace}\" AND resource.labels.container_name=(\"purge\" OR \"check\") AND severity>=ERROR"
      advice   = "What children were promised is kept by the job `purge`: `kubectl -n classroom get jobs`, its log, and once more by hand (the runbook's After the class). With the database asleep no class may be left in it."
    }
  }
}

resource "google_monitoring_alert_policy" "log" {
  for_each = local.log_alerts

  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  conditions {
    display_name = each.value.title
    condition_matched_log {
      filter = each.value.filter
    }
  }

  documentation {
    content = each.value.advice
  }

  alert_strategy {
    auto_close = "1800s"
    notification_rate_limit {
      period = "300s"
    }
  }
}

# -- dashboard ------------------------------------------------------------------------------------------

locals {
  requests_filter = "metric.type=\"loadbalancing.googleapis.com/https/request_count\" AND resource.type=\"https_lb_rule\""

  # Title, PromQL; two in a row, from what children feel down to what causes it.
  charts = [
    ["Answers by class of status, a second", "sum by (response_code_class) (rate(loadbalancing_googleapis_com:https_request_count{monitored_resource=\"https_lb_rule\"}[1m]))"],
    ["Slowest twentieth of answers, ms", "histogram_quantile(0.95, sum by (le) (rate(loadbalancing_googleapis_com:https_total_latencies_bucket{monitored_resource=\"https_lb_rule\"}[5m])))"],
    ["Uploads a minute, by outcome", "60 * sum by (outcome) (rate(classroom_uploads_total[1m]))"],
    ["Open pages", "sum(classroom_streamlit_sessions)"],
    ["Oldest training that waits, s", "max(classroom_run_oldest_wait_seconds)"],
    ["Slowest twentieth of a training's stages, s", "histogram_quantile(0.95, sum by (le, stage) (rate(classroom_run_stage_seconds_bucket[5m])))"],
    ["Calls to the compute tier a second, by answer", "sum by (method, code) (rate(classroom_ml_call_seconds_count[1m]))"],
    ["Cores used, by pod", "sum by (pod_name) (rate(kubernetes_io:container_cpu_core_usage_time{monitored_resource=\"k8s_container\",namespace_name=\"${local.kubernetes.namespace}\"}[1m]))"],
    ["Database: CPU", "max(cloudsql_googleapis_com:database_cpu_utilization{monitored_resource=\"cloudsql_database\"})"],
    ["Database: connections", "sum by (database) (cloudsql_googleapis_com:database_postgresql_num_backends{monitored_resource=\"cloudsql_database\"})"],
    ["VMs of the compute tier", "max(compute_googleapis_com:instance_group_size{monitored_resource=\"instance_group\",instance_group_name=\"${var.name}-ml\"})"],
    ["Refused at the door a second", "sum by (policy_name) (rate(networksecurity_googleapis_com:https_request_count{monitored_resource=\"network_security_policy\",blocked=\"true\"}[1m]))"],
    ["Would be refused by rules in preview, a second", "sum by (policy_name) (rate(networksecurity_googleapis_com:https_previewed_request_count{monitored_resource=\"network_security_policy\",blocked=\"true\"}[1m]))"],
    ["Slowest twentieth of uploads, s", "histogram_quantile(0.95, sum by (le) (rate(classroom_upload_seconds_bucket[5m])))"],
    ["Bytes of photos that were kept, a second", "sum(rate(classroom_upload_bytes_total[1m]))"],
    ["Photos that failed in a decoder, by cause, in 10 minutes", "sum by (cause) (increase(classroom_decoder_failures_total[10m]))"],
    ["Photos set aside, in an hour", "sum(increase(classroom_photos_set_aside_total[1h]))"],
    ["Photos that wait for their features", "max by (kind) (classroom_photos_waiting)"],
    ["Trainings that wait or run", "max by (state) (classroom_runs_active)"],
    ["Trainings that ended, by how, in 5 minutes", "sum by (outcome) (increase(classroom_runs_total[5m]))"],
    ["Slowest twentieth of waits for a training, s", "histogram_quantile(0.95, sum by (le) (rate(classroom_run_wait_seconds_bucket[5m])))"],
    ["Parts that answer (1) or not (0)", "min by (part) (classroom_part_up)"],
    ["Our routes' answers a second", "sum by (route, status) (rate(classroom_http_requests_total[1m]))"],
    ["Our routes' slowest twentieth, s", "histogram_quantile(0.95, sum by (le, route) (rate(classroom_http_request_seconds_bucket[5m])))"],
    ["Compute tier: busy part of each GPU", "max by (instance, device) (ml_core_gpu_busy_ratio)"],
    ["Compute tier: memory of the GPUs, bytes", "max by (instance, device, kind) (ml_core_gpu_memory_bytes)"],
    ["Compute tier: photos embedded a second", "sum by (kind) (rate(ml_core_embedded_photos_total[1m]))"],
    ["Compute tier: photos of a pass, on average", "sum(rate(ml_core_embed_batch_photos_sum[5m])) / sum(rate(ml_core_embed_batch_photos_count[5m]))"],
    ["Compute tier: slowest twentieth of passes, s", "histogram_quantile(0.95, sum by (le) (rate(ml_core_embed_seconds_bucket[5m])))"],
    ["Compute tier: slowest twentieth of calls, s", "histogram_quantile(0.95, sum by (le, method) (rate(ml_core_rpc_seconds_bucket[5m])))"],
    ["Compute tier: photos that wait", "sum(ml_core_photos_waiting)"],
    ["Compute tier: trainings that run", "sum(ml_core_trains_running)"],
    ["Compute tier: models kept", "sum(ml_core_models_cached)"],
  ]
}

resource "google_monitoring_dashboard" "class" {
  dashboard_json = jsonencode({
    displayName = "${var.name}: class day"
    mosaicLayout = {
      columns = 48
      tiles = [
        for index, chart in local.charts : {
          xPos   = 24 * (index % 2)
          yPos   = 16 * floor(index / 2)
          width  = 24
          height = 16
          widget = {
            title = chart[0]
            xyChart = {
              dataSets = [{ plotType = "LINE", timeSeriesQuery = { prometheusQuery = chart[1] } }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.api]
}

# -- logs -----------------------------------------------------------------------------------------------

# Lines of the app. The load balancer writes none (k8s/base/gateway.yaml): they would hold addresses and join links.
resource "google_logging_project_bucket_config" "default" {
  project        = var.project
  location       = "global"
  bucket_id      = "_Default"
  retention_days = var.deletion_days

  depends_on = [google_project_service.api]
}
