# The cluster, secrets and accounts.

mock_provider "google" {}

variables {
  project           = "test-project"
  domain            = "class.example.org"
  venue_cidrs       = ["203.0.113.7/32"]
  database_password = "not-a-password-but-24-long"
}

run "no_upgrade_during_a_class" {
  command = plan

  variables {
    class_windows = [
      { name = "first", start = "2027-01-15T00:00:00Z", end = "2027-01-17T00:00:00Z" },
      { name = "second", start = "2027-02-12T00:00:00Z", end = "2027-02-14T00:00:00Z" },
    ]
  }

  assert {
    condition = [
      for window in one(google_container_cluster.web.maintenance_policy).maintenance_exclusion : [window.exclusion_name, window.start_time, one(window.exclusion_options).scope]
      ] == [
      ["first", "2027-01-15T00:00:00Z", "NO_UPGRADES"],
      ["second", "2027-02-12T00:00:00Z", "NO_UPGRADES"],
    ]
    error_message = "Each class keeps upgrades away."
  }
}

run "a_class_that_ends_before_it_starts_is_refused" {
  command = plan

  variables {
    class_windows = [{ name = "odd", start = "2027-01-17T00:00:00Z", end = "2027-01-15T00:00:00Z" }]
  }

  expect_failures = [var.class_windows]
}

run "hardened_nodes" {
  command = plan

  assert {
    condition     = google_container_cluster.web.datapath_provider == "ADVANCED_DATAPATH"
    error_message = "Without Dataplane V2 a NetworkPolicy is not enforced."
  }
  assert {
    condition     = one(google_container_cluster.web.workload_identity_config).workload_pool == "test-project.svc.id.goog" && one(one(google_container_node_pool.web.node_config).workload_metadata_config).mode == "GKE_METADATA"
    error_message = "Pods would act as the node."
  }
  assert {
    condition     = one(one(google_container_node_pool.web.node_config).shielded_instance_config).enable_secure_boot && google_container_cluster.web.enable_shielded_nodes
    error_message = "Nodes are not shielded."
  }
  assert {
    condition     = one(google_container_cluster.web.secret_manager_config).enabled && one(google_container_cluster.web.gateway_api_config).channel == "CHANNEL_STANDARD"
    error_message = "The overlays need the Secret Manager driver and the Gateway API."
  }
}

run "the_pods_account_is_bound_by_name" {
  command = plan

  assert {
    condition     = google_service_account_iam_member.web_pods.member == "serviceAccount:test-project.svc.id.goog[classroom/web]"
    error_message = "Namespace and service account are those of k8s/."
  }
}

run "secrets_are_empty_containers" {
  command = plan

  assert {
    condition = toset([for secret in google_secret_manager_secret.all : secret.secret_id]) == toset([
      for key in [
        "secret-key", "first-password", "database-password",
        "ml-client-key", "ml-client-cert", "ml-server-key", "ml-server-cert", "ml-ca-cert",
      ] : "classroom-${key}"
    ])
    error_message = "The overlays and the GPU VMs look for these names."
  }
  assert {
    condition     = google_secret_manager_secret_version.database_password.secret_data == null && google_secret_manager_secret_version.database_password.secret_data_wo == null
    error_message = "The password would be in the state."
  }
  assert {
    condition     = google_sql_user.web.password == null && google_sql_user.web.password_wo == null
    error_message = "The password would be in the state."
  }
}

run "each_tier_reads_its_own_secrets" {
  command = plan

  assert {
    condition = toset(keys(google_secret_manager_secret_iam_member.reader)) == toset([
      "secret-key/web", "first-password/web", "database-password/web", "ml-client-key/web", "ml-client-cert/web",
      "ml-server-key/ml", "ml-server-cert/ml", "ml-ca-cert/web", "ml-ca-cert/ml",
    ])
    error_message = "A tier reads a secret that is not its own."
  }
  assert {
    condition     = google_storage_bucket_iam_member.ml.role == "roles/storage.objectViewer" && google_storage_bucket_iam_member.web.role == "roles/storage.objectUser"
    error_message = "The compute tier only reads photos."
  }
}

run "roles_on_the_project_are_few" {
  command = plan

  assert {
    condition = alltrue([
      for role in concat(keys(google_project_iam_member.web), keys(google_project_iam_member.ml), keys(google_project_iam_member.nodes)) :
      contains([
        "roles/cloudsql.client", "roles/logging.logWriter",
        "roles/monitoring.metricWriter", "roles/container.defaultNodeServiceAccount",
      ], role)
    ])
    error_message = "A new role on the whole project: is there no narrower one?"
  }
}
