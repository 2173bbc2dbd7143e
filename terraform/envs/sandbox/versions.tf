# Backend and provider of the sandbox project. The bucket of the state is given to `terraform init`.
terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "8.7.0"
    }
  }

  backend "gcs" {
    prefix = "classroom/sandbox" # bucket: terraform init -backend-config="bucket=…"
  }
}

provider "google" {
  project = var.project
  region  = var.region
  zone    = var.zone

  # Budgets ask which project pays for the call.
  user_project_override = true
  billing_project       = var.project

  default_labels = { env = "sandbox" }
}
