# -- where ------------------------------------------------------------------------------------------

variable "project" {
  description = "Id of the Google Cloud project. Sandbox and production are two projects."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "name" {
  description = "Prefix of every resource's name."
  type        = string
  default     = "classroom"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "3 to 20 lower-case letters, digits and hyphens: service accounts add a suffix and end at 30."
  }
}

variable "region" {
  description = "Region of everything that holds photos or answers of children."
  type        = string
  default     = "asia-northeast1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region is written like asia-northeast1."
  }
}

variable "zone" {
  description = "Zone of the GPU VMs, and of the cluster unless it is regional. It must offer gpu_type."
  type        = string
  default     = "asia-northeast1-a"

  validation {
    condition     = startswith(var.zone, "${var.region}-")
    error_message = "The zone must lie in the region."
  }
}

variable "domain" {
  description = "Host name of the class, as in the QR codes: class.example.org."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "A host name in lower case without scheme, port or final dot."
  }
}

variable "create_dns_zone" {
  description = "Make a public zone for the domain here. Otherwise set the records of output dns_records by hand."
  type        = bool
  default     = true
}

variable "operators" {
  description = "Who runs a class day (docs/runbook.md, sections 4 and 5), as IAM members: group:team@example.org."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.operators : can(regex("^(user|group|serviceAccount):[^@]+@[^@]+$", member))])
    error_message = "Members are written user:, group: or serviceAccount: and an address; never allUsers."
  }
}

# -- what children were promised ----------------------------------------------------------------------

variable "deletion_days" {
  description = "Days after which nothing of a deleted class is left anywhere: database backups and logs end then."
  type        = number
  default     = 7

  validation {
    condition     = var.deletion_days >= 1 && var.deletion_days <= 7 && floor(var.deletion_days) == var.deletion_days
    error_message = "A whole number from 1 to 7: Cloud SQL Enterprise keeps transaction logs for 7 days at most."
  }
}

variable "photo_days_max" {
  description = "The bucket removes any object after so many days, whatever the app forgot. A class lasts a day."
  type        = number
  default     = 90

  validation {
    condition     = var.photo_days_max >= 1 && floor(var.photo_days_max) == var.photo_days_max
    error_message = "At least one whole day."
  }
}

variable "deletion_protection" {
  description = "Refuse to destroy database, cluster and bucket contents. On in production; turn it off to take it down."
  type        = bool
  default     = true
}

variable "kms_key" {
  description = "Own key (CMEK) for photos, database, images and disks, its full id; null: Google's keys. Its owner lets the service agents use it first."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key))
    error_message = "projects/P/locations/REGION/keyRings/RING/cryptoKeys/KEY, in the same region."
  }
}

# -- web tier -----------------------------------------------------------------------------------------

variable "cluster_regional" {
  description = "Nodes and control plane in three zones of the region instead of one. Triples the nodes' smallest number."
  type        = bool
  default     = false
}

variable "web_machine_type" {
  description = "Machine type of the cluster's nodes."
  type        = string
  default     = "e2-standard-2"
}

variable "web_nodes" {
  description = "Smallest and largest number of nodes, per zone."
  type        = object({ min = number, max = number })
  default     = { min = 1, max = 3 }

  validation {
    condition     = var.web_nodes.min >= 1 && var.web_nodes.max >= var.web_nodes.min
    error_message = "At least one node, and max not below min."
  }
}

variable "class_windows" {
  description = "Times of classes, in which the cluster is not upgraded: RFC 3339, 20 at most, each 30 days at most."
  type        = list(object({ name = string, start = string, end = string }))
  default     = []

  validation {
    condition = length(var.class_windows) <= 20 && alltrue([
      for window in var.class_windows : try(timecmp(window.start, window.end) < 0, false)
    ])
    error_message = "At most 20 windows, each with a start before its end, like 2027-01-16T00:00:00Z."
  }
}

# -- database -----------------------------------------------------------------------------------------

variable "sql_tier" {
  description = "Machine type of the database."
  type        = string
  default     = "db-g1-small"
}

variable "sql_connections_max" {
  description = "Connections that the database takes. A pod of the web tier has 30 at most, and there is one more pod while a release rolls out; each connection costs the database some MB."
  type        = number
  default     = 100

  validation {
    condition     = var.sql_connections_max >= 50 && var.sql_connections_max <= 400 && floor(var.sql_connections_max) == var.sql_connections_max
    error_message = "A whole number from 50 to 400."
  }
}

variable "sql_highly_available" {
  description = "Keep a standby of the database in a second zone. Doubles its price."
  type        = bool
  default     = false
}

variable "database_password" {
  description = "Password of the app's database user. Never stored in state or plan; given on every apply (see the runbook)."
  type        = string
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{24,}$", var.database_password))
    error_message = "24 characters or more of A-Z, a-z, 0-9, _ and -, which need no quoting in a URL."
  }
}

variable "database_password_version" {
  description = "Raise it to hand a new database_password to the database and to Secret Manager."
  type        = number
  default     = 1
}

# -- compute tier -------------------------------------------------------------------------------------

variable "ml_backbone" {
  description = "Network that the compute tier looks at photos with; null: the one that the image was built with (`--build-arg BACKBONE=`)."
  type        = string
  default     = null

  validation {
    condition     = var.ml_backbone == null || contains(["efficientnet_lite0", "efficientnet_v2_s", "convnext_tiny"], coalesce(var.ml_backbone, "efficientnet_lite0"))
    error_message = "One of efficientnet_lite0, efficientnet_v2_s, convnext_tiny."
  }
}

variable "ml_instances" {
  description = "Number of VMs of the compute tier. With 0 nothing is paid for them: photos are kept, and nothing is trained or tried out until there is one."
  type        = number
  default     = 0

  validation {
    condition     = var.ml_instances >= 0 && var.ml_instances <= 8 && floor(var.ml_instances) == var.ml_instances
    error_message = "A whole number from 0 to 8."
  }
}

variable "ml_machine_type" {
  description = "Machine type of the compute tier. G2 brings L4s, as many as its size says; without a GPU any with 8 cores or more."
  type        = string
  default     = "g2-standard-8"
}

variable "gpu_type" {
  description = "Accelerator type of the GPU VMs."
  type        = string
  default     = "nvidia-l4"
}

variable "gpus" {
  description = "GPUs of one VM. One server process, one systemd unit and one port for each. 0: a VM with one server on its cores."
  type        = number
  default     = 1

  validation {
    condition     = contains([0, 1, 2, 4, 8, 16], var.gpus)
    error_message = "0, 1, 2, 4, 8 or 16, as the machine type allows."
  }

  validation {
    condition     = var.gpus > 0 || !can(regex("^(a2|a3|a4|g2|g4)-", var.ml_machine_type))
    error_message = "This machine type always has GPUs: for gpus = 0 take another, like e2-standard-8."
  }
}

variable "ml_spot" {
  description = "Spot VMs: far cheaper, and may be taken away at any time. A class survives that: trainings wait for the next one."
  type        = bool
  default     = false
}

# tests/iac/allowed_values.py knows until when a milestone gets mends, and fails before that day.
variable "ml_boot_image" {
  description = "Container-Optimized OS image of the GPU VMs: the family of a milestone, or one image to pin it."
  type        = string
  default     = "projects/cos-cloud/global/images/family/cos-121-lts"

  validation {
    condition     = can(regex("/(family/cos-[0-9]+-lts|cos-stable-[0-9-]+|cos-[0-9]+(-[0-9]+)+)$", var.ml_boot_image))
    error_message = "A family that names its milestone, like cos-121-lts, or one image of it: any other moves to the next one by itself."
  }
}

# The branch that torch's CUDA needs: CUDA 13 from R580 on. tests/iac/test_values.py holds it beside the torch that is locked.
variable "gpu_driver" {
  description = "Branch of NVIDIA's driver that the VMs install. Container-Optimized OS's default may be older than torch's CUDA can use."
  type        = string
  default     = "R580"

  validation {
    condition     = can(regex("^R[0-9]{3}$", var.gpu_driver))
    error_message = "A branch like R580: `default` and `latest` change by themselves."
  }
}

variable "metrics_collector" {
  description = "Image that sends the servers' figures to Cloud Monitoring: Google's build of the OpenTelemetry Collector."
  type        = string
  default     = "us-docker.pkg.dev/cloud-ops-agents-artifacts/google-cloud-opentelemetry-collector/otelcol-google:0.143.0"

  validation {
    condition     = can(regex(":[0-9]+\\.[0-9]+\\.[0-9]+$|@sha256:[0-9a-f]{64}$", var.metrics_collector))
    error_message = "A full version or a digest."
  }
}

variable "ml_disk_gb" {
  description = "Boot disk of a GPU VM, GB: the image with CUDA, twice while it is replaced, and the driver."
  type        = number
  default     = 50

  validation {
    condition     = var.ml_disk_gb >= 30
    error_message = "At least 30 GB."
  }
}

variable "ml_stop_grace_seconds" {
  description = "How long a server may finish the calls in hand after SIGTERM."
  type        = number
  default     = 35

  validation {
    condition     = var.ml_stop_grace_seconds >= 30 && var.ml_stop_grace_seconds <= 60
    error_message = "From the server's own drain and a little, 30 s, to what a shutdown leaves, 60 s."
  }
}

variable "ml_schedule" {
  description = "When to start and stop the GPU VMs, as cron in time_zone; null: they run all the time."
  type        = object({ start = string, stop = string, time_zone = optional(string, "Asia/Tokyo") })
  default     = null
}

variable "ml_hard_stop" {
  description = "When VMs of the compute tier that somebody forgot are stopped in any case, as cron; null: never. They stay until they are started again."
  type        = object({ cron = string, time_zone = optional(string, "Asia/Tokyo") })
  default     = { cron = "0 21 * * *" }
}

# -- the door -----------------------------------------------------------------------------------------

variable "venue_cidrs" {
  description = "Addresses that may come in: the venues' public ones and the facilitators' office. Nobody else."
  type        = list(string)

  validation {
    condition     = length(var.venue_cidrs) >= 1 && alltrue([for cidr in var.venue_cidrs : can(cidrhost(cidr, 0))])
    error_message = "At least one block in CIDR notation, like 203.0.113.7/32."
  }

  validation {
    condition     = alltrue([for cidr in var.venue_cidrs : try(tonumber(split("/", cidr)[1]), 0) >= 16])
    error_message = "Blocks wider than /16 are no allow-list."
  }
}

variable "staff_domain" {
  description = "Host name of facilitators, where alone their log-in and pages are (CLASSROOM_STAFF_HOST). Empty: staff. before the domain."
  type        = string
  default     = ""

  validation {
    condition     = var.staff_domain == "" || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.staff_domain))
    error_message = "A host name in lower case without scheme, port or final dot."
  }

  validation {
    condition     = var.staff_domain != var.domain
    error_message = "A door of its own needs a name of its own."
  }
}

variable "staff_cidrs" {
  description = "Addresses that reach facilitators' host name. Empty: those of venue_cidrs."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.staff_cidrs : can(cidrhost(cidr, 0)) && try(tonumber(split("/", cidr)[1]), 0) >= 16])
    error_message = "Blocks in CIDR notation, like 203.0.113.7/32, and none wider than /16."
  }
}

variable "armor_preview" {
  description = "Only count what the allow-list, the rate limit and the WAF would refuse. For the first look, not for a class."
  type        = bool
  default     = false
}

variable "ipads_per_address" {
  description = "iPads behind one public address: a school has one NAT."
  type        = number
  default     = 40

  validation {
    condition     = var.ipads_per_address >= 1
    error_message = "At least one."
  }
}

variable "requests_per_ipad_per_minute" {
  description = "What one busy iPad asks: three frames a second while it tries a model, uploads, a gallery of pictures."
  type        = number
  default     = 400

  validation {
    condition     = var.requests_per_ipad_per_minute >= 240
    error_message = "Below 240 the app's own pages would be refused."
  }
}

variable "waf_rule_sets" {
  description = "Preconfigured WAF rule sets, first in the policy. Photo uploads are exempt: JPEG bytes look like anything."
  type        = list(string)
  default     = ["cve-canary"]

  validation {
    condition     = length(var.waf_rule_sets) <= 20 && alltrue([for name in var.waf_rule_sets : can(regex("^[a-z0-9-]+$", name))])
    error_message = "At most 20 names like cve-canary or sqli-v33-stable."
  }
}

# -- watching -----------------------------------------------------------------------------------------

variable "alert_emails" {
  description = "Who gets alerts and the budget's warnings."
  type        = set(string)
  default     = []
}

variable "queue_wait_seconds_max" {
  description = "An alert comes when the oldest training has waited so long."
  type        = number
  default     = 20
}

variable "budget" {
  description = "Warn at half, nine tenths and all of this sum a month; null: no budget."
  type        = object({ billing_account = string, currency = string, monthly_amount = number })
  default     = null

  validation {
    condition     = var.budget == null || try(var.budget.monthly_amount > 0 && length(var.budget.currency) == 3, false)
    error_message = "A positive amount in the billing account's own currency, like JPY."
  }
}
