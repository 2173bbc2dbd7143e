# Postgres for the app and for its training queue. Private address only, TLS only; what is deleted in it
# is gone from its backups after deletion_days as well.

resource "google_sql_database_instance" "main" {
  #checkov:skip=CKV_GCP_6:plain connections are refused; client certificates would shut out the queue's own driver
  #checkov:skip=CKV_GCP_108:names of hosts are nothing but pods, looked up for every connection
  #checkov:skip=CKV_GCP_109:a failed statement may hold a group's name: it is not logged
  #checkov:skip=CKV_GCP_110:audit lines would hold what children named their groups
  #checkov:skip=CKV_GCP_111:statements would hold what children named their groups
  #checkov:skip=CKV2_GCP_13:a line for every statement is noise; Query Insights has the durations
  name                = "${var.name}-db"
  region              = var.region
  database_version    = "POSTGRES_18"
  encryption_key_name = var.kms_key
  deletion_protection = var.deletion_protection

  settings {
    tier                        = var.sql_tier
    edition                     = "ENTERPRISE"
    availability_type           = var.sql_highly_available ? "REGIONAL" : "ZONAL"
    deletion_protection_enabled = var.deletion_protection
    disk_type                   = "PD_SSD"
    disk_size                   = 10
    disk_autoresize             = true
    disk_autoresize_limit       = 100
    retain_backups_on_delete    = false # a destroyed instance leaves nothing behind

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.main.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    backup_configuration {
      enabled                        = true
      start_time                     = "18:00" # 03:00 in Japan
      location                       = var.region
      point_in_time_recovery_enabled = true
      transaction_log_retention_days = var.deletion_days

      backup_retention_settings {
        retained_backups = var.deletion_days # one a day
        retention_unit   = "COUNT"
      }
    }

    final_backup_config {
      enabled = false # it would outlive the promise
    }

    maintenance_window {
      day          = 1
      hour         = 18
      update_track = "stable"
    }

    location_preference {
      zone = var.zone
    }

    database_flags {
      name  = "max_connections"
      value = tostring(var.sql_connections_max)
    }

    database_flags {
      name  = "log_checkpoints"
      value = "on"
    }

    database_flags {
      name  = "log_connections"
      value = "on"
    }

    database_flags {
      name  = "log_disconnections"
      value = "on"
    }

    database_flags {
      name  = "log_lock_waits"
      value = "on"
    }

    database_flags {
      name  = "log_min_error_statement" # the error is logged, what the statement said is not
      value = "panic"
    }

    insights_config {
      query_insights_enabled  = true
      record_client_address   = false
      record_application_tags = false
    }
  }

  depends_on = [google_service_networking_connection.services]
}

resource "google_sql_database" "main" {
  for_each = local.databases

  name     = each.key
  instance = google_sql_database_instance.main.name

  deletion_policy = "ABANDON" # it goes with the instance: a pod's last connection does not hold a destroy up
}

resource "google_sql_user" "web" {
  name                = local.database_user
  instance            = google_sql_database_instance.main.name
  password_wo         = var.database_password
  password_wo_version = var.database_password_version

  deletion_policy = "ABANDON" # it owns the tables, so Postgres would not drop it: it goes with the instance

  # The secret first: an apply that stops half-way and is run again then finds the password that it made.
  depends_on = [google_secret_manager_secret_version.database_password]
}
