# Terraform, the provider and how it is set up. Each environment's main.tf names the place of its own state.
terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "8.7.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
  zone    = var.zone

  # Budgets ask which project pays for the call.
  user_project_override = true
  billing_project       = var.project

  default_labels = { env = local.env }
}
