# What the sandbox passes to the module, on planned values.

mock_provider "google" {}

variables {
  project           = "test-project"
  domain            = "class.example.org"
  venue_cidrs       = ["203.0.113.7/32"]
  database_password = "not-a-password-but-24-long"
}

run "it_can_be_thrown_away" {
  command = plan

  assert {
    condition     = module.classroom.protection == { cluster = false, database = false, bucket = false }
    error_message = "A sandbox that cannot be destroyed costs money."
  }
}

run "it_is_small" {
  command = plan

  assert {
    condition     = module.classroom.size.database_zones == "ZONAL" && module.classroom.size.cluster_location == "asia-northeast1-a" && module.classroom.size.ml_spot
    error_message = "One zone, Spot GPUs."
  }
}

run "its_gpu_is_productions" {
  command = plan

  assert {
    condition     = module.classroom.size.ml_gpu_type == "nvidia-l4" && module.classroom.size.ml_machine_type == "g2-standard-4"
    error_message = "What is tried on another card is not tried: another type of numbers, another driver."
  }
}

run "preview_reaches_the_door" {
  command = plan

  variables {
    armor_preview = true
  }

  assert {
    condition     = module.classroom.door_is_open
    error_message = "armor_preview is lost on its way."
  }
}
