"""A QR code on a page, of children and of grown-ups alike.

Knows nothing of what its address opens; a code on paper is drawn in printing.
"""

from __future__ import annotations

import html
from typing import Final

import segno

_QUIET_ZONE: Final = 4  # modules around it that its standard asks for


def qr_image(url: str, alt: str) -> str:
    """As an image that needs no request: dark on white, whatever the theme."""
    code = segno.make(url, error="m", micro=False)
    image = code.svg_data_uri(border=_QUIET_ZONE, dark="#000", light="#fff", omitsize=True)
    return f'<img class="staff-qr" alt="{html.escape(alt)}" src="{html.escape(image)}">'
