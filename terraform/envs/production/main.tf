# Production: what a class day needs, twice where one failure would stop the class.
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

    cluster_regional     = true
    web_machine_type     = "e2-standard-4"
    web_nodes            = { min = 1, max = 3 }
    sql_tier             = "db-custom-2-7680"
    sql_connections_max  = 200 # 4 pods and one more, 30 each; 7.5 GB carry them
    sql_highly_available = true

    gpu_machine_type = "g2-standard-8"
    gpu_type         = "nvidia-l4"
    ml_spot          = false
  }
}
