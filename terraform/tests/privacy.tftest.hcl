# What children were promised, on planned values: what is deleted is gone, and nowhere else for long.

mock_provider "google" {}

variables {
  project           = "test-project"
  domain            = "class.example.org"
  venue_cidrs       = ["203.0.113.7/32"]
  database_password = "not-a-password-but-24-long"
}

run "deleted_photos_are_gone" {
  command = plan

  assert {
    condition     = one(google_storage_bucket.photos.soft_delete_policy).retention_duration_seconds == 0
    error_message = "Soft delete keeps deleted photos."
  }
  assert {
    condition     = one(google_storage_bucket.photos.versioning).enabled == false
    error_message = "Versioning keeps deleted photos."
  }
  assert {
    condition     = length(google_storage_bucket.photos.retention_policy) == 0 && google_storage_bucket.photos.default_event_based_hold == null
    error_message = "A retention policy or a hold keeps deleted photos."
  }
  assert {
    condition = anytrue([
      for rule in google_storage_bucket.photos.lifecycle_rule : one(rule.action).type == "Delete" && one(rule.condition).age == 90
    ])
    error_message = "Forgotten photos must go by themselves."
  }
}

run "photos_are_never_public" {
  command = plan

  assert {
    condition     = google_storage_bucket.photos.public_access_prevention == "enforced" && google_storage_bucket.photos.uniform_bucket_level_access
    error_message = "The bucket could be opened to the public."
  }
}

run "seven_days_by_default" {
  command = plan

  assert {
    condition     = one(one(one(google_sql_database_instance.main.settings).backup_configuration).backup_retention_settings).retained_backups == 7
    error_message = "One backup a day: their number is the days of the promise."
  }
  assert {
    condition     = one(one(google_sql_database_instance.main.settings).backup_configuration).transaction_log_retention_days == 7
    error_message = "Point-in-time recovery reaches back further than promised."
  }
  assert {
    condition     = google_logging_project_bucket_config.default.retention_days == 7 && google_logging_project_bucket_config.default.bucket_id == "_Default"
    error_message = "Logs are kept longer than promised."
  }
}

run "a_shorter_promise_is_followed_everywhere" {
  command = plan

  variables {
    deletion_days = 3
  }

  assert {
    condition     = one(one(one(google_sql_database_instance.main.settings).backup_configuration).backup_retention_settings).retained_backups == 3
    error_message = "Backups outlive the promise."
  }
  assert {
    condition     = one(one(google_sql_database_instance.main.settings).backup_configuration).transaction_log_retention_days == 3
    error_message = "Transaction logs outlive the promise."
  }
  assert {
    condition     = google_logging_project_bucket_config.default.retention_days == 3
    error_message = "Logs outlive the promise."
  }
}

run "a_destroyed_database_leaves_nothing" {
  command = plan

  assert {
    condition     = one(one(google_sql_database_instance.main.settings).final_backup_config).enabled == false && one(google_sql_database_instance.main.settings).retain_backups_on_delete == false
    error_message = "Backups of a destroyed database remain."
  }
}

run "logs_hold_no_words_of_children" {
  command = plan

  assert {
    condition = length([
      for flag in one(google_sql_database_instance.main.settings).database_flags : flag
      if contains(["log_statement", "log_min_duration_statement", "cloudsql.enable_pgaudit"], flag.name)
    ]) == 0
    error_message = "Statements would be logged, with names of groups."
  }
  assert {
    condition     = one([for flag in one(google_sql_database_instance.main.settings).database_flags : flag.value if flag.name == "log_min_error_statement"]) == "panic"
    error_message = "Failed statements would be logged, with names of groups."
  }
  assert {
    condition     = one(one(google_sql_database_instance.main.settings).insights_config).record_client_address == false
    error_message = "Addresses would be recorded."
  }
}

run "a_promise_that_backups_cannot_hold_is_refused" {
  command = plan

  variables {
    deletion_days = 8
  }

  expect_failures = [var.deletion_days]
}

run "own_key_is_used_for_all_that_is_kept" {
  command = plan

  variables {
    kms_key = "projects/test-project/locations/asia-northeast1/keyRings/classroom/cryptoKeys/data"
  }

  assert {
    condition = alltrue([
      one(google_storage_bucket.photos.encryption).default_kms_key_name == var.kms_key,
      google_sql_database_instance.main.encryption_key_name == var.kms_key,
      google_artifact_registry_repository.images.kms_key_name == var.kms_key,
      one(one(google_compute_instance_template.ml.disk).disk_encryption_key).kms_key_self_link == var.kms_key,
      one(google_container_cluster.web.database_encryption).key_name == var.kms_key,
    ])
    error_message = "Something is kept under another key."
  }
}
