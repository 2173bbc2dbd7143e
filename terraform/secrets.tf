# Containers of secrets. Their values come by `gcloud secrets versions add` (see the runbook) and are never
# in the state; the database's password passes through a write-only argument, so it is not either. The five of us
# share here what would otherwise lie on one laptop: the key of the private CA, and the release that is rolled out.

locals {
  # Who reads what: one role on one secret each.
  secrets = {
    secret-key        = ["web"] # signs cookies and links
    first-password    = ["web"] # the first facilitator's
    database-password = ["web"]
    ml-client-key     = ["web"] # mutual TLS: the caller's side
    ml-client-cert    = ["web"]
    ml-server-key     = ["ml"] # and the server's
    ml-server-cert    = ["ml"]
    ml-ca-cert        = ["web", "ml"]
    ml-ca-key         = []      # signs both sides' certificates: for people alone, and no machine
    ml-image          = ["ml"]  # which release the compute tier runs, by its digest; k8s/release.sh writes it
    sql-ca            = ["web"] # no secret: who signed the database's certificate
  }
  readers = { web = google_service_account.web.member, ml = google_service_account.ml.member }
}

resource "google_secret_manager_secret" "all" {
  for_each = local.secrets

  secret_id           = "${var.name}-${each.key}"
  deletion_protection = false # a lost secret is made anew; nothing that is stored depends on one

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = var.kms_key[*]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = merge([
    for secret, readers in local.secrets : { for reader in readers : "${secret}/${reader}" => { secret = secret, reader = reader } }
  ]...)

  secret_id = google_secret_manager_secret.all[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.readers[each.value.reader]
}

resource "google_secret_manager_secret_version" "database_password" {
  secret                 = google_secret_manager_secret.all["database-password"].id
  secret_data_wo         = var.database_password
  secret_data_wo_version = var.database_password_version
}

# The queue's own driver checks the database's certificate against it; the connector of the tables has its own way.
resource "google_secret_manager_secret_version" "sql_ca" {
  secret      = google_secret_manager_secret.all["sql-ca"].id
  secret_data = google_sql_database_instance.main.server_ca_cert[0].cert
}
