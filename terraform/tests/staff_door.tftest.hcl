# Facilitators' own door, on planned values: its name, its certificate, its allow-list.

mock_provider "google" {}

variables {
  project           = "test-project"
  domain            = "class.example.org"
  venue_cidrs       = ["203.0.113.7/32"]
  database_password = "not-a-password-but-24-long"
}

run "only_facilitators_networks_get_in" {
  command = plan

  variables {
    staff_cidrs = ["198.51.100.0/28"]
  }

  assert {
    condition = [
      for rule in google_compute_security_policy.staff.rule : one(one(rule.match).config).src_ip_ranges
      if rule.priority >= 1000 && rule.priority < 2147483647
    ] == [tolist(["198.51.100.0/28"])]
    error_message = "A venue's network opens facilitators' door."
  }
  assert {
    condition = one([
      for rule in google_compute_security_policy.staff.rule : rule.action == "deny(403)" && one(one(rule.match).config).src_ip_ranges == tolist(["*"])
      if rule.priority == 2147483647
    ])
    error_message = "The default rule must refuse everybody."
  }
  assert {
    condition = alltrue([
      for rule in google_compute_security_policy.web.rule : !contains(try(one(one(rule.match).config).src_ip_ranges, []), "198.51.100.0/28")
    ])
    error_message = "Facilitators' networks are not the class's."
  }
}

run "it_is_shut_while_the_classs_door_is_only_looked_at" {
  command = plan

  variables {
    armor_preview = true
  }

  assert {
    condition = alltrue([
      for rule in google_compute_security_policy.staff.rule : !coalesce(rule.preview, false) && (startswith(rule.action, "deny") || rule.action == "throttle")
      if rule.priority < 200 || rule.priority >= 1000
    ])
    error_message = "The preview opens facilitators' door."
  }
}

run "without_networks_of_its_own_it_has_the_venues" {
  command = plan

  assert {
    condition = one([
      for rule in google_compute_security_policy.staff.rule : one(one(rule.match).config).src_ip_ranges if rule.priority == 1000
    ]) == tolist(["203.0.113.7/32"])
    error_message = "Nobody could set up a class."
  }
}

run "its_name_has_a_certificate_and_an_address" {
  command = plan

  assert {
    condition     = google_certificate_manager_certificate_map_entry.staff.hostname == "staff.class.example.org"
    error_message = "The name is staff before the class's, unless it is given."
  }
  assert {
    condition     = one(google_certificate_manager_certificate.staff.managed).domains == tolist(["staff.class.example.org"])
    error_message = "The certificate is for another name."
  }
  assert {
    condition     = google_dns_record_set.staff["address"].name == "staff.class.example.org."
    error_message = "Nobody finds the name."
  }
}

run "a_name_may_be_given" {
  command = plan

  variables {
    staff_domain = "leaders.example.org"
  }

  assert {
    condition     = google_certificate_manager_dns_authorization.staff.domain == "leaders.example.org"
    error_message = "staff_domain is lost."
  }
}

run "the_whole_internet_is_no_network_of_facilitators" {
  command = plan

  variables {
    staff_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.staff_cidrs]
}
