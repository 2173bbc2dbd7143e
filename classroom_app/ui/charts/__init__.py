"""Altair charts: DataFrame in, chart or specification out. Font and ink are the theme's, as a test holds."""

from __future__ import annotations

from typing import Final

FONT: Final = (
    "'M PLUS Rounded 1c', 'Hiragino Maru Gothic ProN', Arial, "
    "'Apple Color Emoji', 'Segoe UI Emoji', 'Noto Color Emoji', sans-serif"
)
INK: Final = "#2b2420"
