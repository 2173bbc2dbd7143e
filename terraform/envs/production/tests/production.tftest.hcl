# What production passes to the module, on planned values.

mock_provider "google" {}

variables {
  project           = "test-project"
  domain            = "class.example.org"
  venue_cidrs       = ["203.0.113.7/32"]
  database_password = "not-a-password-but-24-long"
}

run "nothing_is_destroyed_by_mistake" {
  command = plan

  assert {
    condition     = module.classroom.protection == { cluster = true, database = true, bucket = true }
    error_message = "Production is protected from a hasty destroy."
  }
}

run "one_node_that_fails_does_not_stop_the_class_and_no_second_zone_is_paid" {
  command = plan

  assert {
    condition     = module.classroom.size.nodes_min >= 2 && module.classroom.size.database_zones == "ZONAL" && module.classroom.size.cluster_location == "asia-northeast1-a"
    error_message = "Two nodes or more, in the zone of the GPU VMs."
  }
}

run "the_door_is_shut_unless_asked" {
  command = plan

  assert {
    condition     = module.classroom.door_is_open == false
    error_message = "Preview is for the first look, never the default."
  }
}
