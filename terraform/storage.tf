# Photos and models. What the app deletes is gone at once: no soft delete, no versions.

resource "google_storage_bucket" "photos" {
  #checkov:skip=CKV_GCP_62:access logs would be a second record of who looked at which photo
  #checkov:skip=CKV_GCP_78:versions would keep photos that a child deleted
  name                        = local.bucket
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  soft_delete_policy {
    retention_duration_seconds = 0 # the cloud's own default keeps deleted photos for 7 days
  }

  versioning {
    enabled = false
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = var.photo_days_max
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  dynamic "encryption" {
    for_each = var.kms_key[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.api]
}

# Objects only, and no right to change the bucket's own rules.
resource "google_storage_bucket_iam_member" "web" {
  bucket = google_storage_bucket.photos.name
  role   = "roles/storage.objectUser"
  member = google_service_account.web.member
}

resource "google_storage_bucket_iam_member" "ml" {
  bucket = google_storage_bucket.photos.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.ml.member
}
