# Cloud Armor, on planned values: venues alone, at a rate for a whole school behind one address.

mock_provider "google" {}

variables {
  project           = "test-project"
  domain            = "class.example.org"
  venue_cidrs       = ["203.0.113.7/32"]
  database_password = "not-a-password-but-24-long"
}

run "nobody_else_gets_in" {
  command = plan

  assert {
    condition     = max([for rule in google_compute_security_policy.web.rule : rule.priority]...) == 2147483647
    error_message = "The default rule has the lowest priority there is."
  }
  assert {
    condition = one([
      for rule in google_compute_security_policy.web.rule : rule.action == "deny(403)" && try(one(one(rule.match).config).src_ip_ranges, []) == tolist(["*"])
      if rule.priority == 2147483647
    ])
    error_message = "The default rule must refuse everybody."
  }
  assert {
    condition     = length([for rule in google_compute_security_policy.web.rule : rule if coalesce(rule.preview, false)]) == 0
    error_message = "A rule in preview refuses nobody."
  }
  assert {
    condition = alltrue([
      for rule in google_compute_security_policy.web.rule :
      !contains(try(one(one(rule.match).config).src_ip_ranges, []), "*") if !startswith(rule.action, "deny")
    ])
    error_message = "A rule lets everybody in."
  }
}

run "preview_refuses_nobody_and_counts_whom_it_would" {
  command = plan

  variables {
    armor_preview = true
  }

  assert {
    condition = alltrue([
      for rule in google_compute_security_policy.web.rule : coalesce(rule.preview, false)
      if rule.priority >= 200 && rule.priority != 500 && rule.priority != 2147483647
    ])
    error_message = "WAF, rate limit and allow-list are looked at first."
  }
  assert {
    condition     = one([for rule in google_compute_security_policy.web.rule : rule.action if rule.priority == 2147483647]) == "allow"
    error_message = "The default rule cannot be previewed: it has to let in."
  }
  assert {
    condition     = one([for rule in google_compute_security_policy.web.rule : rule.action if rule.priority == 2147483646]) == "deny(403)"
    error_message = "Nothing would count whom the default rule will refuse."
  }
  assert {
    condition     = alltrue([for rule in google_compute_security_policy.web.rule : !coalesce(rule.preview, false) if rule.priority < 200])
    error_message = "Closed paths are closed from the first day on."
  }
}

run "a_school_of_forty_ipads_is_not_slowed" {
  command = plan

  assert {
    condition = one([
      for rule in google_compute_security_policy.web.rule : one(one(rule.rate_limit_options).rate_limit_threshold)
      if rule.priority == 1000
      ]) == {
      count        = 16000
      interval_sec = 60
    }
    error_message = "40 iPads at 400 requests a minute, behind one address."
  }
  assert {
    condition = one([
      for rule in google_compute_security_policy.web.rule : one(rule.rate_limit_options) if rule.priority == 1000
    ]).enforce_on_key == "IP"
    error_message = "The rate is one address's, not all schools' together."
  }
  assert {
    condition     = alltrue([for rule in google_compute_security_policy.web.rule : rule.action != "rate_based_ban"])
    error_message = "A ban would end the class of a whole school."
  }
  assert {
    condition = alltrue([
      for rule in google_compute_security_policy.web.rule : one(rule.rate_limit_options).conform_action == "allow" && one(rule.rate_limit_options).exceed_action == "deny(429)"
      if rule.action == "throttle"
    ])
    error_message = "Within its rate a venue is let in; above it, iPads are told to come back."
  }
}

run "venues_in_rules_of_ten" {
  command = plan

  variables {
    venue_cidrs = [for host in range(23) : "203.0.113.${host}/32"]
  }

  assert {
    condition = [
      for rule in google_compute_security_policy.web.rule : length(one(one(rule.match).config).src_ip_ranges)
      if rule.priority >= 1000 && rule.priority < 2000
    ] == [10, 10, 3]
    error_message = "Cloud Armor takes ten blocks a rule."
  }
  assert {
    condition     = length(distinct([for rule in google_compute_security_policy.web.rule : rule.priority])) == length(google_compute_security_policy.web.rule)
    error_message = "Two rules have the same priority."
  }
}

run "closed_paths_come_first" {
  command = plan

  assert {
    condition = alltrue([
      for rule in google_compute_security_policy.web.rule : rule.action == "deny(404)" if rule.priority < 200
    ]) && length([for rule in google_compute_security_policy.web.rule : rule if rule.priority < 200]) == 2
    error_message = "Streamlit's metrics and agent, and our own metrics, are closed before anybody is let in."
  }
  assert {
    condition = anytrue([
      for rule in google_compute_security_policy.web.rule : strcontains(one(one(rule.match).expr).expression, "/_stcore/") if rule.priority < 200
    ])
    error_message = "Streamlit's own paths are open."
  }
}

run "photos_are_not_mistaken_for_attacks" {
  command = plan

  variables {
    waf_rule_sets = ["cve-canary", "sqli-v33-stable"]
  }

  assert {
    condition = alltrue([
      for rule in google_compute_security_policy.web.rule : strcontains(one(one(rule.match).expr).expression, "!request.path.startsWith('/photos')")
      if rule.priority >= 200 && rule.priority < 300
    ]) && length([for rule in google_compute_security_policy.web.rule : rule if rule.priority >= 200 && rule.priority < 300]) == 2
    error_message = "The WAF would look at bytes of JPEGs."
  }
}

run "the_whole_internet_is_no_venue" {
  command = plan

  variables {
    venue_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.venue_cidrs]
}
