# What holds in either environment, on planned values.

mock_provider "google" {}

variables {
  project           = "test-project"
  domain            = "class.example.org"
  venue_cidrs       = ["203.0.113.7/32"]
  database_password = "not-a-password-but-24-long"
}

run "the_runbook_asks_for_outputs_by_name" {
  command = plan

  assert {
    condition     = strcontains(output.kubectl, "get-credentials classroom") && output.ml_targets == "dns:///ml.classroom.internal:50051" && output.door_is_open == false
    error_message = "`terraform output -raw NAME` needs an output of the environment itself."
  }
}

run "a_compute_tier_without_gpus" {
  command = plan

  variables {
    ml_cpu_only = true
  }

  assert {
    condition     = module.classroom.size.ml_gpus == 0 && module.classroom.size.ml_machine_type == "e2-standard-8" && output.ml_targets == "dns:///ml.classroom.internal:50051"
    error_message = "Other cores, the same address."
  }
}
