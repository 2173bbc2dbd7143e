# Alerts reach somebody, ask for an action, and look at figures that exist.

mock_provider "google" {}

variables {
  project           = "test-project"
  domain            = "class.example.org"
  venue_cidrs       = ["203.0.113.7/32"]
  database_password = "not-a-password-but-24-long"
}

run "the_probe_asks_what_a_class_needs" {
  command = plan

  assert {
    condition     = one(google_monitoring_uptime_check_config.web.http_check).path == "/readyz" && one(google_monitoring_uptime_check_config.web.http_check).validate_ssl && google_monitoring_uptime_check_config.web.monitored_resource[0].labels.host == "class.example.org"
    error_message = "Readiness, over HTTPS with a valid certificate, at the class's own name."
  }
  assert {
    condition = anytrue([
      for rule in google_compute_security_policy.web.rule : strcontains(try(one(one(rule.match).expr).expression, ""), "'${one(google_monitoring_uptime_check_config.web.http_check).path}'")
    ])
    error_message = "The door refuses the probe."
  }
}

run "every_alert_says_what_to_do" {
  command = plan

  variables {
    alert_emails = ["team@example.org"]
  }

  assert {
    condition = alltrue([
      for alert in concat(
        values(google_monitoring_alert_policy.threshold),
        values(google_monitoring_alert_policy.figure),
        values(google_monitoring_alert_policy.log),
        [google_monitoring_alert_policy.errors],
      ) : length(one(alert.documentation).content) > 40
    ])
    error_message = "An alert without advice."
  }
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.threshold)) == toset(["sql-cpu", "sql-disk"]) && toset(keys(google_monitoring_alert_policy.log)) == toset(["ml-unhealthy", "certificates", "nightly"]) && toset(keys(google_monitoring_alert_policy.figure)) == toset(["uptime", "part", "ml-away", "queue", "runs-fail", "uploads-fail", "decoders-fail", "gpu-memory", "gpu-busy", "gpu-idle", "uploads-slow"])
    error_message = "An alert is missing."
  }
  assert {
    condition = alltrue([
      for alert in concat(
        values(google_monitoring_alert_policy.threshold),
        values(google_monitoring_alert_policy.figure),
        values(google_monitoring_alert_policy.log),
        [google_monitoring_alert_policy.errors],
      ) : length(alert.notification_channels) == 1
    ])
    error_message = "An alert that reaches nobody."
  }
  assert {
    condition     = strcontains(one(one(google_monitoring_alert_policy.figure["queue"].conditions).condition_prometheus_query_language).query, "classroom_run_oldest_wait_seconds) > 20")
    error_message = "The queue's figure and limit."
  }
}

run "a_dashboard_of_whole_rows" {
  command = plan

  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.class.dashboard_json).mosaicLayout.tiles) == 33
    error_message = "Thirty-three charts."
  }
  assert {
    condition = alltrue([
      for tile in jsondecode(google_monitoring_dashboard.class.dashboard_json).mosaicLayout.tiles : tile.xPos + tile.width <= 48
    ])
    error_message = "A chart sticks out."
  }
}

run "a_budget_only_when_asked_for" {
  command = plan

  assert {
    condition     = length(google_billing_budget.month) == 0
    error_message = "Not every operator may see the billing account."
  }
}

run "a_budget_warns_before_the_end" {
  command = plan

  variables {
    budget = { billing_account = "000000-000000-000000", currency = "JPY", monthly_amount = 30000 }
  }

  assert {
    condition     = [for rule in one(google_billing_budget.month).threshold_rules : rule.threshold_percent] == [0.5, 0.9, 1, 1.2]
    error_message = "Half, nine tenths, all, and a forecast above it."
  }
}

run "pods_that_were_taken_away_on_purpose_are_no_outage" {
  command = plan

  override_resource {
    target          = google_monitoring_uptime_check_config.web
    override_during = plan
    values          = { uptime_check_id = "check" }
  }

  assert {
    condition     = endswith(one(one(google_monitoring_alert_policy.figure["uptime"].conditions).condition_prometheus_query_language).query, " < 0.7 unless (max(kube_deployment_spec_replicas{namespace=\"classroom\",deployment=\"web\"}) == 0)")
    error_message = "An incident would stay open from class to class and hide the next one."
  }
}

run "the_alert_reads_the_log_that_the_group_writes" {
  command = plan

  assert {
    condition = alltrue([
      for words in ["resource.type=\"gce_instance_group_manager\"", "compute.googleapis.com/instance_group_manager_events", "\"UNHEALTHY\""] :
      strcontains(one(one(google_monitoring_alert_policy.log["ml-unhealthy"].conditions).condition_matched_log).filter, words)
    ])
    error_message = "compute.googleapis.com/healthchecks is a load balancer's log: autohealing writes nothing there."
  }
}
