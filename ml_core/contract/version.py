"""The version of the whole house: both tiers are released together, so they have one number."""

from __future__ import annotations

from typing import Final

VERSION: Final = "1.1.0"
