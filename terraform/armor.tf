# The door: who may reach the load balancer at all, and how much one school may ask. First match wins.

locals {
  lowest_priority = 2147483647 # Cloud Armor's default rule

  # A rule holds ten blocks at most.
  venue_chunks = chunklist(sort(distinct(var.venue_cidrs)), 10)

  # What the app itself does not serve either; here no request of that kind even arrives.
  closed_paths = {
    100 = "request.path.startsWith('/_stcore/') && !request.path.matches('^/_stcore/(health|stream|host-config|bidi-components/)')"
    110 = "request.path.matches('^/(metrics|media)(/|$)')"
  }
}

resource "google_compute_security_policy" "web" {
  #checkov:skip=CKV_GCP_73:the rule is there, from waf_rule_sets; the check knows only a literal without exceptions
  name        = "${var.name}-armor"
  description = "Venues only, with a rate for a whole school behind one address"
  type        = "CLOUD_ARMOR"

  dynamic "rule" {
    for_each = local.closed_paths
    content {
      priority    = rule.key
      action      = "deny(404)"
      description = "Closed paths: Streamlit's metrics, media, uploads, agent and script check"
      match {
        expr {
          expression = rule.value
        }
      }
    }
  }

  dynamic "rule" {
    for_each = var.waf_rule_sets
    content {
      priority    = 200 + rule.key
      action      = "deny(403)"
      preview     = var.armor_preview
      description = "WAF: ${rule.value}, not on the bytes of photos"
      match {
        expr {
          expression = "evaluatePreconfiguredWaf('${rule.value}') && !request.path.startsWith('/photos')"
        }
      }
    }
  }

  # Google's uptime probes come from anywhere. The answer says only whether the class can go on.
  rule {
    priority    = 500
    action      = "throttle"
    description = "Readiness for the uptime check"
    match {
      expr {
        expression = "request.path == '/readyz' && request.method == 'GET'"
      }
    }
    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"
      rate_limit_threshold {
        count        = 30
        interval_sec = 60
      }
    }
  }

  # Throttled, never banned: a ban would end the class of a whole school.
  dynamic "rule" {
    for_each = local.venue_chunks
    content {
      priority    = 1000 + rule.key
      action      = "throttle"
      preview     = var.armor_preview
      description = "Venues ${rule.key + 1}: ${var.ipads_per_address} iPads behind one address"
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
          count        = var.ipads_per_address * var.requests_per_ipad_per_minute
          interval_sec = 60
        }
      }
    }
  }

  # While looking only: what the default rule will refuse later is counted here, as previewed, and let in below.
  dynamic "rule" {
    for_each = var.armor_preview ? [true] : []
    content {
      priority    = local.lowest_priority - 1
      action      = "deny(403)"
      preview     = true
      description = "Preview of the default rule"
      match {
        versioned_expr = "SRC_IPS_V1"
        config {
          src_ip_ranges = ["*"]
        }
      }
    }
  }

  rule {
    priority    = local.lowest_priority
    action      = var.armor_preview ? "allow" : "deny(403)"
    description = var.armor_preview ? "PREVIEW: everybody gets in" : "Nobody else"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [google_project_service.api]
}
