# Not a part of the infrastructure: two mistakes that the check must find, a misspelt block and a missing
# argument. If it does not, its schema is no good.
terraform {
  required_providers {
    google = {
      source = "hashicorp/google"
    }
  }
}

resource "google_storage_bucket" "photos" {
  name = "photos"

  soft_delete_polcy {
    retention_duration_seconds = 0
  }
}
