# What differs from one installation to the next. Reasons, limits and checks stand in the module.

variable "project" {
  description = "Id of this environment's project."
  type        = string
}

variable "region" {
  description = "Region of everything."
  type        = string
  default     = "asia-northeast1"
}

variable "zone" {
  description = "Zone of the GPU VMs; it must offer their GPU."
  type        = string
  default     = "asia-northeast1-a"
}

variable "domain" {
  description = "Host name of the class."
  type        = string
}

variable "create_dns_zone" {
  description = "Make a public DNS zone for the domain."
  type        = bool
  default     = true
}

variable "venue_cidrs" {
  description = "Addresses that may come in."
  type        = list(string)
}

variable "staff_domain" {
  description = "Host name of facilitators; empty: staff. before the domain."
  type        = string
  default     = ""
}

variable "staff_cidrs" {
  description = "Addresses that reach facilitators' host name; empty: those of venue_cidrs."
  type        = list(string)
  default     = []
}

variable "armor_preview" {
  description = "Only count what the door would refuse."
  type        = bool
  default     = false
}

variable "operators" {
  description = "Who runs a class day, as IAM members."
  type        = set(string)
  default     = []
}

variable "alert_emails" {
  description = "Who gets alerts."
  type        = set(string)
  default     = []
}

variable "class_windows" {
  description = "Times of classes, without upgrades of the cluster."
  type        = list(object({ name = string, start = string, end = string }))
  default     = []
}

variable "ml_cpu_only" {
  description = "VMs of 8 cores without a GPU: no quota is needed, photos are looked at more slowly."
  type        = bool
  default     = false
}

variable "ml_instances" {
  description = "Number of VMs of the compute tier; with 0 nothing is trained, and nothing is paid for them."
  type        = number
  default     = 0
}

variable "ml_backbone" {
  description = "Network that the compute tier looks at photos with; null: the one that the image was built with."
  type        = string
  default     = null
}

variable "ml_schedule" {
  description = "When the GPU VMs start and stop, as cron; null: they run all the time."
  type        = object({ start = string, stop = string, time_zone = optional(string, "Asia/Tokyo") })
  default     = null
}

variable "ml_hard_stop" {
  description = "When VMs that somebody forgot are stopped in any case, as cron; null: never."
  type        = object({ cron = string, time_zone = optional(string, "Asia/Tokyo") })
  default     = { cron = "0 21 * * *" }
}

variable "kms_key" {
  description = "Own key (CMEK), its full id; null: Google's keys."
  type        = string
  default     = null
}

variable "budget" {
  description = "Monthly sum to warn at, in the billing account's currency; null: none."
  type        = object({ billing_account = string, currency = string, monthly_amount = number })
  default     = null
}

variable "database_password" {
  description = "Password of the app's database user; never stored in state or plan."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "database_password_version" {
  description = "Raise it to set a new database_password."
  type        = number
  default     = 1
}
