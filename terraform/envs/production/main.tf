# Production: what a class day needs. The GPU VMs stand in one zone, so all does: a second zone for the rest would be paid
# every day and would not train. A node or a pod that fails is one of two or more.
# The other .tf files here are links to ../shared: what both environments have in common stands there, once.
terraform {
  backend "gcs" {
    prefix = "classroom/production" # bucket: terraform init -backend-config="bucket=…"
  }
}

locals {
  env = "production"
  size = {
    deletion_protection = true

    cluster_regional     = false
    web_machine_type     = "e2-standard-4"
    web_nodes            = { min = 2, max = 3 }
    sql_tier             = "db-custom-2-7680"
    sql_connections_max  = 200 # 5 pods and one more, 30 each; 7.5 GB carry them
    sql_highly_available = false

    gpu_machine_type = "g2-standard-8"
    gpu_type         = "nvidia-l4"
    ml_spot          = false
  }
}
