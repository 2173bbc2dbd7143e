# What this module was written against. The roots in envs/ choose the backend and set up the provider.
terraform {
  required_version = ">= 1.11, < 2.0" # write-only arguments keep the database password out of the state

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "8.7.0"
    }
  }
}
