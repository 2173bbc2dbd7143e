# Facilitators' own door: a host name of their own, with an allow-list of its own. At the class's host name the app
# answers nothing of theirs (CLASSROOM_STAFF_HOST), so a password can be tried from here alone.

locals {
  staff_domain = coalesce(var.staff_domain, "staff.${var.domain}")
  staff_chunks = chunklist(sort(distinct(length(var.staff_cidrs) > 0 ? var.staff_cidrs : var.venue_cidrs)), 10)
}

# Never in preview: few people come here, and each of them is known.
resource "google_compute_security_policy" "staff" {
  #checkov:skip=CKV_GCP_73:the rule is there, from waf_rule_sets; the check knows only a literal without exceptions
  name        = "${var.name}-staff-armor"
  description = "Facilitators only"
  type        = "CLOUD_ARMOR"

  dynamic "rule" {
    for_each = local.closed_paths
    content {
      priority    = rule.key
      action      = "deny(404)"
      description = "Closed paths: Streamlit's metrics, media, agent and script check"
      match {
        expr {
          expression = rule.value
        }
      }
    }
  }

  # Challenge photos and ZIPs come by here.
  dynamic "rule" {
    for_each = var.waf_rule_sets
    content {
      priority    = 200 + rule.key
      action      = "deny(403)"
      preview     = var.armor_preview
      description = "WAF: ${rule.value}, not on the bytes of photos"
      match {
        expr {
          expression = "evaluatePreconfiguredWaf('${rule.value}') && !request.path.startsWith('/api/events/')"
        }
      }
    }
  }

  dynamic "rule" {
    for_each = local.staff_chunks
    content {
      priority    = 1000 + rule.key
      action      = "throttle"
      description = "Facilitators ${rule.key + 1}"
      match {
        versioned_expr = "SRC_IPS_V1"
        config {
          src_ip_ranges = rule.value
        }
      }
      rate_limit_options {
        conform_action = "allow"
        exceed_action  = "deny(429)"
        enforce_on_key = "IP"
        rate_limit_threshold {
          count        = var.ipads_per_address * var.requests_per_ipad_per_minute # a rehearsal plays all iPads
          interval_sec = 60
        }
      }
    }
  }

  rule {
    priority    = local.lowest_priority
    action      = "deny(403)"
    description = "Nobody else"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [google_project_service.api]
}

# -- name and certificate -------------------------------------------------------------------------------

resource "google_dns_record_set" "staff" {
  for_each = var.create_dns_zone ? local.staff_records : {}

  managed_zone = google_dns_managed_zone.public[0].name
  name         = each.value.name
  type         = each.value.type
  ttl          = 300
  rrdatas      = [each.value.data]
}

locals {
  staff_records = {
    address = { name = "${local.staff_domain}.", type = "A", data = google_compute_global_address.web.address }
    certificate = {
      name = google_certificate_manager_dns_authorization.staff.dns_resource_record[0].name
      type = google_certificate_manager_dns_authorization.staff.dns_resource_record[0].type
      data = google_certificate_manager_dns_authorization.staff.dns_resource_record[0].data
    }
  }
}

resource "google_certificate_manager_dns_authorization" "staff" {
  name   = "${var.name}-staff"
  domain = local.staff_domain

  depends_on = [google_project_service.api]
}

resource "google_certificate_manager_certificate" "staff" {
  name = "${var.name}-staff"

  managed {
    domains            = [local.staff_domain]
    dns_authorizations = [google_certificate_manager_dns_authorization.staff.id]
  }
}

resource "google_certificate_manager_certificate_map_entry" "staff" {
  name         = "${var.name}-staff"
  map          = google_certificate_manager_certificate_map.web.name
  certificates = [google_certificate_manager_certificate.staff.id]
  hostname     = local.staff_domain
}
