# The public name: the load balancer's address, the zone and the certificate.

resource "google_compute_global_address" "web" {
  name        = "${var.name}-ip"
  description = "The class's address, for the Gateway"

  depends_on = [google_project_service.api]
}

resource "google_dns_managed_zone" "public" {
  count = var.create_dns_zone ? 1 : 0

  name        = "${var.name}-public"
  description = "The class's domain; its parent delegates to output name_servers"
  dns_name    = "${var.domain}."

  dnssec_config {
    state = "on"
  }

  depends_on = [google_project_service.api]
}

resource "google_dns_record_set" "web" {
  count = var.create_dns_zone ? 1 : 0

  managed_zone = google_dns_managed_zone.public[0].name
  name         = "${var.domain}."
  type         = "A"
  ttl          = 300
  rrdatas      = [google_compute_global_address.web.address]
}

resource "google_dns_record_set" "certificate" {
  count = var.create_dns_zone ? 1 : 0

  managed_zone = google_dns_managed_zone.public[0].name
  name         = google_certificate_manager_dns_authorization.web.dns_resource_record[0].name
  type         = google_certificate_manager_dns_authorization.web.dns_resource_record[0].type
  ttl          = 300
  rrdatas      = [google_certificate_manager_dns_authorization.web.dns_resource_record[0].data]
}

# -- certificate ----------------------------------------------------------------------------------------

resource "google_certificate_manager_dns_authorization" "web" {
  name   = "${var.name}-web"
  domain = var.domain

  depends_on = [google_project_service.api]
}

# Proven by DNS: it is ready before the load balancer is, and renews by itself.
resource "google_certificate_manager_certificate" "web" {
  name = "${var.name}-web"

  managed {
    domains            = [var.domain]
    dns_authorizations = [google_certificate_manager_dns_authorization.web.id]
  }
}

resource "google_certificate_manager_certificate_map" "web" {
  name        = "${var.name}-certs"
  description = "The Gateway names it in an annotation"

  depends_on = [google_project_service.api]
}

resource "google_certificate_manager_certificate_map_entry" "web" {
  name         = "${var.name}-web"
  map          = google_certificate_manager_certificate_map.web.name
  certificates = [google_certificate_manager_certificate.web.id]
  hostname     = var.domain
}

# No TLS below 1.2.
resource "google_compute_ssl_policy" "web" {
  name            = "${var.name}-tls"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.api]
}
