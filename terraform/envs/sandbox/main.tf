# The sandbox: as production in kind, as cheap as that goes, and easy to throw away.
# The other .tf files here are links to ../shared: what both environments have in common stands there, once.
terraform {
  backend "gcs" {
    prefix = "classroom/sandbox" # bucket: terraform init -backend-config="bucket=…"
  }
}

locals {
  env = "sandbox"
  size = {
    deletion_protection = false

    cluster_regional     = false
    web_machine_type     = "e2-standard-2"
    web_nodes            = { min = 1, max = 2 }
    sql_tier             = "db-g1-small"
    sql_connections_max  = 100 # what this tier takes: 2 pods and one more, 30 each
    sql_highly_available = false

    gpu_machine_type = "g2-standard-4" # production's card: another one calculates in another way
    gpu_type         = "nvidia-l4"
    ml_spot          = true
  }
}
