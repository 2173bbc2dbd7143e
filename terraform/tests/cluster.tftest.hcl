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
        "ml-client-key", "ml-client-cert", "ml-server-key", "ml-server-cert", "ml-ca-cert", "ml-ca-key", "ml-image", "sql-ca",
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
      "ml-server-key/ml", "ml-server-cert/ml", "ml-ca-cert/web", "ml-ca-cert/ml", "ml-image/ml", "sql-ca/web",
    ])
    error_message = "A tier reads a secret that is not its own; the key of the CA is for people."
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

run "what_is_run_again_after_half_an_apply_fits" {
  command = plan

  assert {
    condition     = google_sql_user.web.deletion_policy == "ABANDON" && alltrue([for database in google_sql_database.main : database.deletion_policy == "ABANDON"])
    error_message = "A destroy would stop at a role that owns tables, or at a database that is still read."
  }
}

run "operators_can_do_a_class_day_and_read_no_photo" {
  command = plan

  variables {
    operators = ["group:team@example.org", "user:one@example.org"]
  }

  assert {
    condition = toset([for member in google_project_iam_member.operator : member.role if member.member == "group:team@example.org"]) == toset([
      "roles/artifactregistry.reader", "roles/certificatemanager.viewer", "roles/cloudsql.viewer", "roles/compute.viewer",
      "roles/container.developer", "roles/logging.viewer", "roles/monitoring.viewer", "roles/serviceusage.serviceUsageConsumer",
    ])
    error_message = "The runbook asks for something that they may not do, or they may do more."
  }
  assert {
    condition = length([
      for role in concat([for member in google_project_iam_member.operator : member.role], google_project_iam_custom_role.operator.permissions) : role
      if can(regex("storage|editor|owner|secretmanager.admin|cloudsql.(admin|client|editor|instanceUser)|privateLogViewer", role))
    ]) == 0
    error_message = "Photos, or what children wrote, could be read with it."
  }
  assert {
    condition     = [for key in keys(google_secret_manager_secret_iam_member.operator_reads) : key if startswith(key, "user:")] == [for secret in ["ml-ca-cert", "ml-ca-key", "ml-image"] : "user:one@example.org ${secret}"]
    error_message = "They read the CA to renew certificates, the release to go back, and no secret of a tier."
  }
  assert {
    condition     = length(google_artifact_registry_repository_iam_member.operator) == 2 && length(google_project_iam_member.operator_vms) == 2
    error_message = "Somebody cannot push a release, or not stop a VM."
  }
}

run "a_new_project_pays_for_no_gpu" {
  command = plan

  assert {
    condition     = length(google_compute_per_instance_config.ml) == 0 && length(google_cloud_scheduler_job.ml) == 0
    error_message = "A GPU VM would run, and be paid, before there is an image."
  }
}
