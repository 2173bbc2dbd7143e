# No public address but the load balancer's, and no way in or out but the named ones.

mock_provider "google" {}

variables {
  project           = "test-project"
  domain            = "class.example.org"
  venue_cidrs       = ["203.0.113.7/32"]
  database_password = "not-a-password-but-24-long"
}

run "nothing_has_a_public_address" {
  command = plan

  assert {
    condition     = one(one(google_sql_database_instance.main.settings).ip_configuration).ipv4_enabled == false
    error_message = "The database has a public address."
  }
  assert {
    condition     = one(one(google_sql_database_instance.main.settings).ip_configuration).ssl_mode == "ENCRYPTED_ONLY"
    error_message = "The database takes plain connections."
  }
  assert {
    condition     = alltrue([for nic in google_compute_instance_template.ml.network_interface : length(nic.access_config) == 0 && length(nic.ipv6_access_config) == 0])
    error_message = "GPU VMs have a public address."
  }
  assert {
    condition     = one(google_container_cluster.web.private_cluster_config).enable_private_nodes
    error_message = "Nodes have public addresses."
  }
  assert {
    condition     = one(one(google_container_cluster.web.control_plane_endpoints_config).ip_endpoints_config).enabled == false
    error_message = "The control plane has an address."
  }
}

run "what_is_not_named_is_refused" {
  command = plan

  assert {
    condition = alltrue([
      google_compute_firewall.deny_ingress.source_ranges == tolist(["0.0.0.0/0"]),
      one(google_compute_firewall.deny_ingress.deny).protocol == "all",
      google_compute_firewall.deny_ingress.priority == 65534,
    ])
    error_message = "The default is not to refuse."
  }
  assert {
    condition = alltrue([
      for rule in [google_compute_firewall.ml_from_pods, google_compute_firewall.ml_health, google_compute_firewall.ml_ssh] :
      !contains(rule.source_ranges, "0.0.0.0/0") && rule.priority < google_compute_firewall.deny_ingress.priority
    ])
    error_message = "A rule is open to everybody, or comes too late."
  }
  assert {
    condition     = google_compute_firewall.ml_ssh.source_ranges == tolist(["35.235.240.0/20"]) && one(google_compute_firewall.ml_ssh.allow).ports == tolist(["22"])
    error_message = "SSH comes through Identity-Aware Proxy alone."
  }
}

run "the_web_tier_reaches_every_gpu" {
  command = plan

  variables {
    gpus            = 8
    ml_machine_type = "g2-standard-96"
    gpu_type        = "nvidia-l4"
  }

  assert {
    condition     = one(google_compute_firewall.ml_from_pods.allow).ports == tolist([for gpu in range(8) : tostring(50051 + gpu)])
    error_message = "One port a GPU."
  }
  assert {
    condition     = google_compute_firewall.ml_from_pods.source_ranges == tolist(["10.20.0.0/16"])
    error_message = "Pods alone call the compute tier."
  }
}

run "gpu_vms_reach_nothing_but_google" {
  command = plan

  assert {
    condition = alltrue([
      google_compute_firewall.ml_deny_egress.direction == "EGRESS",
      one(google_compute_firewall.ml_deny_egress.deny).protocol == "all",
      google_compute_firewall.ml_deny_egress.priority > google_compute_firewall.ml_google_apis.priority,
      google_compute_firewall.ml_google_apis.destination_ranges == tolist(["199.36.153.8/30"]),
    ])
    error_message = "A GPU VM can send photos elsewhere."
  }
  assert {
    condition     = alltrue([for zone in ["googleapis.com.", "gcr.io.", "pkg.dev."] : contains([for record in google_dns_record_set.google_apis : record.name], zone)])
    error_message = "Storage, the registry or the driver would be looked for outside."
  }
}
