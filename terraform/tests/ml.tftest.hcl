# The GPU VMs: one systemd unit a GPU, names and addresses that stay, and none outside class hours.

mock_provider "google" {}

variables {
  ml_instances      = 1
  project           = "test-project"
  domain            = "class.example.org"
  venue_cidrs       = ["203.0.113.7/32"]
  database_password = "not-a-password-but-24-long"
}

run "one_unit_for_one_gpu" {
  command = plan

  assert {
    condition = [
      for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files : file.path
      if can(regex("ml-core-[0-9]+\\.service$", file.path))
    ] == ["/etc/systemd/system/ml-core-0.service"]
    error_message = "One GPU, one unit."
  }
  assert {
    condition     = startswith(google_compute_instance_template.ml.metadata["user-data"], "#cloud-config\n")
    error_message = "cloud-init knows its files by their first line."
  }
}

run "eight_units_for_eight_gpus" {
  command = plan

  variables {
    gpus            = 8
    ml_machine_type = "g2-standard-96"
    gpu_type        = "nvidia-l4"
  }

  assert {
    condition = [
      for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files : file.path
      if can(regex("ml-core-[0-9]+\\.service$", file.path))
    ] == [for gpu in range(8) : "/etc/systemd/system/ml-core-${gpu}.service"]
    error_message = "Eight GPUs, eight units."
  }
  assert {
    condition = alltrue([
      for gpu in range(8) : anytrue([
        for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files :
        strcontains(file.content, "--device /dev/nvidia${gpu} ") && strcontains(file.content, "--servers 8 ") && strcontains(file.content, "--port ${50051 + gpu} ") && strcontains(file.content, "--publish ${50051 + gpu}:${50051 + gpu} ")
        if endswith(file.path, "/ml-core-${gpu}.service")
      ])
    ])
    error_message = "Each unit has a GPU and a port of its own."
  }
  assert {
    condition = alltrue([
      for unit in [for gpu in range(8) : "ml-core-${gpu}.service"] :
      strcontains(yamldecode(google_compute_instance_template.ml.metadata["user-data"]).runcmd[1], unit)
    ])
    error_message = "Every unit is started."
  }
  assert {
    condition     = one(google_compute_instance_template.ml.guest_accelerator).count == 8 && one(google_compute_instance_template.ml.guest_accelerator).type == "nvidia-l4"
    error_message = "The VM has as many GPUs as units."
  }
  assert {
    condition     = output.ml_targets == join(",", [for port in range(50051, 50059) : "dns:///ml.classroom.internal:${port}"])
    error_message = "The web tier is told of all of them."
  }
}

run "units_are_safe" {
  command = plan

  assert {
    condition = alltrue([
      for words in [
        "--tls-key /run/tls/key.pem", "--tls-cert /run/tls/cert.pem", "--tls-ca /run/tls/ca.pem", "--no-reflection",
        "--read-only", "--cap-drop ALL", "no-new-privileges", "--user 10001", "Restart=always",
        "docker stop -t 35", "TimeoutStopSec=45", "--publish 127.0.0.1:9464:9464", "--metrics-port 9464 ", "RuntimeDirectory=ml-core-0",
        "key.pem=classroom-ml-server-key cert.pem=classroom-ml-server-cert ca.pem=classroom-ml-ca-cert",
        "--blobs gs://test-project-classroom-photos",
        "/etc/ml-core/secrets /run/ml-core-0/release 0 test-project image=classroom-ml-image",
        "/etc/ml-core/image /run/ml-core-0/release/image asia-northeast1-docker.pkg.dev/test-project/classroom/ml ml-core:0",
        "--servers 1 ",
      ] :
      anytrue([
        for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files : strcontains(file.content, words)
        if endswith(file.path, "/ml-core-0.service")
      ])
    ])
    error_message = "Mutual TLS, no reflection, no privileges, restart, grace, metrics on loopback, its own release and bucket."
  }
  assert {
    condition     = !strcontains(google_compute_instance_template.ml.metadata["user-data"], "ML_CORE_BACKBONE")
    error_message = "Where nobody asks for a backbone, the one in the image stays."
  }
  assert {
    condition = anytrue([
      for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files : strcontains(file.content, "/etc/ml-core/maintenance ml-core-0.service")
      if endswith(file.path, "/ml-core-maintenance.service")
    ])
    error_message = "The maintenance notice drains every unit."
  }
  assert {
    condition = alltrue([
      google_compute_instance_template.ml.metadata["enable-oslogin"] == "TRUE",
      google_compute_instance_template.ml.metadata["block-project-ssh-keys"] == "TRUE",
      one(google_compute_instance_template.ml.shielded_instance_config).enable_secure_boot,
      one(google_compute_instance_template.ml.scheduling).on_host_maintenance == "TERMINATE",
    ])
    error_message = "OS Login, no keys of the project, secure boot, and no live migration with a GPU."
  }
}

run "the_variable_selects_the_backbone" {
  command = plan

  variables {
    gpus            = 2
    ml_machine_type = "g2-standard-24"
    gpu_type        = "nvidia-l4"
    ml_backbone     = "convnext_tiny"
  }

  assert {
    condition = [
      for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files : strcontains(file.content, "--env ML_CORE_BACKBONE=convnext_tiny ")
      if can(regex("ml-core-[0-9]+\\.service$", file.path))
    ] == [true, true]
    error_message = "Every server of a VM has the same backbone, the one that was asked for."
  }
}

run "a_backbone_that_does_not_exist" {
  command = plan

  variables {
    ml_backbone = "resnet50"
  }

  expect_failures = [var.ml_backbone]
}

run "names_and_addresses_stay" {
  command = plan

  variables {
    ml_instances = 2
  }

  assert {
    condition     = google_compute_per_instance_config.ml[*].name == ["classroom-ml-0", "classroom-ml-1"]
    error_message = "VMs are named by their number."
  }
  assert {
    condition     = one(google_dns_record_set.ml).rrdatas == tolist(["10.10.16.10", "10.10.16.11"]) && one(google_dns_record_set.ml).name == "ml.classroom.internal."
    error_message = "The name lists the addresses of all VMs."
  }
  assert {
    condition = alltrue([
      one(google_compute_instance_group_manager.ml.update_policy).max_surge_fixed == 0,
      one(google_compute_instance_group_manager.ml.update_policy).replacement_method == "RECREATE",
      google_compute_instance_group_manager.ml.target_size == null,
    ])
    error_message = "A second VM cannot have the first one's address, and only the instances' list sets the size."
  }
  assert {
    condition     = one(google_compute_health_check.ml.tcp_health_check).port == 50051 && one(google_compute_instance_group_manager.ml.auto_healing_policies).initial_delay_sec >= 600
    error_message = "A VM that still pulls its image is not sick."
  }
}

run "a_vm_without_a_gpu" {
  command = plan

  variables {
    gpus            = 0
    ml_machine_type = "e2-standard-8"
  }

  assert {
    condition = sort([
      for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files : file.path
      if endswith(file.path, ".service")
    ]) == tolist(["/etc/systemd/system/ml-core-0.service", "/etc/systemd/system/ml-core-maintenance.service", "/etc/systemd/system/ml-core-metrics.service"])
    error_message = "One server and no driver."
  }
  assert {
    condition = one([
      for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files : file.content
      if endswith(file.path, "/ml-core-0.service") && strcontains(file.content, "--device cpu ") && !can(regex("nvidia|NVIDIA|cuda|driver.service", file.content))
    ]) != null
    error_message = "It computes on the cores and asks for nothing of a GPU."
  }
  assert {
    condition     = length(google_compute_instance_template.ml.guest_accelerator) == 0 && output.ml_targets == "dns:///ml.classroom.internal:50051"
    error_message = "No accelerator, the same address."
  }
}

run "these_machines_always_have_gpus" {
  command = plan

  variables {
    gpus            = 0
    ml_machine_type = "g2-standard-8"
  }

  expect_failures = [var.gpus]
}

run "no_compute_tier_at_all" {
  command = plan

  variables {
    ml_instances = 0
    ml_schedule  = { start = "0 9 * * 6", stop = "0 18 * * 6" }
  }

  assert {
    condition     = length(google_compute_per_instance_config.ml) + length(google_compute_address.ml) + length(google_dns_record_set.ml) + length(google_cloud_scheduler_job.ml) == 0
    error_message = "Something of the GPU VMs is left."
  }
  assert {
    condition     = output.ml_targets == "dns:///ml.classroom.internal:50051"
    error_message = "Who writes the overlay before there is a VM would leave it empty."
  }
}

run "in_class_hours_only" {
  command = plan

  variables {
    ml_instances = 2
    ml_schedule  = { start = "30 8 * * 6", stop = "0 18 * * 6" }
  }

  assert {
    condition     = google_cloud_scheduler_job.ml["start"].schedule == "30 8 * * 6" && google_cloud_scheduler_job.ml["start"].time_zone == "Asia/Tokyo" && endswith(one(google_cloud_scheduler_job.ml["start"].http_target).uri, "/instanceGroupManagers/classroom-ml/startInstances")
    error_message = "VMs start before the class, in the class's own time."
  }
  assert {
    condition     = google_cloud_scheduler_job.ml["stop"].schedule == "0 18 * * 6" && endswith(one(google_cloud_scheduler_job.ml["stop"].http_target).uri, "/instanceGroupManagers/classroom-ml/stopInstances")
    error_message = "VMs stop after the class."
  }
  assert {
    condition     = jsondecode(base64decode(one(google_cloud_scheduler_job.ml["stop"].http_target).body)).instances == ["zones/asia-northeast1-a/instances/classroom-ml-0", "zones/asia-northeast1-a/instances/classroom-ml-1"]
    error_message = "All VMs are named."
  }
  assert {
    condition     = one(google_project_iam_custom_role.schedule).permissions == tolist(["compute.instanceGroupManagers.get", "compute.instanceGroupManagers.update"])
    error_message = "The schedule may do more than start and stop."
  }
}

run "what_was_forgotten_is_stopped" {
  command = plan

  assert {
    condition     = keys(google_cloud_scheduler_job.ml) == ["forgotten"] && endswith(one(google_cloud_scheduler_job.ml["forgotten"].http_target).uri, "/instanceGroupManagers/classroom-ml/stopInstances") && google_cloud_scheduler_job.ml["forgotten"].time_zone == "Asia/Tokyo"
    error_message = "Without a schedule the VMs would run, and be paid, for ever."
  }
}

run "the_driver_is_of_a_named_branch_and_the_system_stays_as_it_is" {
  command = plan

  assert {
    condition = one([
      for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files : strcontains(file.content, "install gpu -- -version=R580\n")
      if endswith(file.path, "/ml-core-driver.service")
    ])
    error_message = "The system's default driver is another one tomorrow."
  }
  assert {
    condition     = google_compute_instance_template.ml.metadata["cos-update-strategy"] == "update_disabled"
    error_message = "The system would update itself between the rehearsal and the class."
  }
}

run "a_driver_that_moves_is_refused" {
  command = plan

  variables {
    gpu_driver = "default"
  }

  expect_failures = [var.gpu_driver]
}

run "an_image_that_moves_to_the_next_milestone_is_refused" {
  command = plan

  variables {
    ml_boot_image = "projects/cos-cloud/global/images/family/cos-stable"
  }

  expect_failures = [var.ml_boot_image]
}

run "the_figures_of_every_server_are_sent" {
  command = plan

  variables {
    gpus            = 2
    ml_machine_type = "g2-standard-24"
  }

  assert {
    condition = one([
      for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files : yamldecode(file.content).receivers.prometheus.config.scrape_configs[0].static_configs[0].targets
      if file.path == "/etc/ml-core/metrics.yaml"
    ]) == ["127.0.0.1:9464", "127.0.0.1:9465"]
    error_message = "A server's figures are read by nobody."
  }
  assert {
    condition = one([
      for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files : yamldecode(file.content).receivers.prometheus.config.scrape_configs[0].relabel_configs[0].replacement
      if file.path == "/etc/ml-core/metrics.yaml"
    ]) == "$${env:VM}:$$1"
    error_message = "The figures of all VMs would be one series."
  }
  assert {
    condition = one([
      for file in yamldecode(google_compute_instance_template.ml.metadata["user-data"]).write_files : strcontains(file.content, " --env VM=%l ")
      if file.path == "/etc/systemd/system/ml-core-metrics.service"
    ])
    error_message = "The collector does not know which VM it is on."
  }
  assert {
    condition     = strcontains(yamldecode(google_compute_instance_template.ml.metadata["user-data"]).runcmd[1], "ml-core-metrics.service")
    error_message = "Nothing would send them."
  }
}

run "three_gpus_do_not_exist" {
  command = plan

  variables {
    gpus = 3
  }

  expect_failures = [var.gpus]
}
