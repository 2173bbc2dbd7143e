"""Signs and reads cookies and links; a value that was changed or is too old reads as None."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

COOKIE_ID_BYTES = 12  # of the number by which one cookie of many can be ended


class Signer:
    """One key, a salt per purpose: a projector link can never pass for a group's cookie."""

    def __init__(self, secret_key: str) -> None:
        if len(secret_key) < 32:
            raise ValueError("the secret key needs 32 characters or more")
        self._key = secret_key

    def sign(self, purpose: str, payload: dict[str, Any]) -> str:
        text = URLSafeTimedSerializer(self._key, salt=purpose).dumps(payload)
        return text if isinstance(text, str) else text.decode()

    def read(self, purpose: str, value: str | None, max_age_s: float) -> dict[str, Any] | None:
        if not value:
            return None
        try:
            payload = URLSafeTimedSerializer(self._key, salt=purpose).loads(value, max_age=int(max_age_s))
        except BadData:
            return None
        return payload if isinstance(payload, dict) else None

    def digest(self, purpose: str, *parts: str) -> str:
        """64 hex digits that stand for the parts and cannot be turned back or made without the key."""
        return hmac.new(
            self._key.encode(), json.dumps([purpose, *parts]).encode(), hashlib.sha256
        ).hexdigest()
