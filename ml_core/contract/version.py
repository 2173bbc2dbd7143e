"""The version of the whole house: both tiers are released together, so they have one number.

Knows nothing of what a release holds: CHANGELOG.md says that.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = "1.1.0"
