"""A browser and its device in two words, from what it says of itself: enough to know one's own again."""

from __future__ import annotations

from typing import Final

# The first that fits: most browsers say that they are also others.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_DEVICES: Final = (
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac / iPad"),  # an iPad says that it is a Mac
    ("Linux", "Linux"),
)


def device_words(user_agent: str) -> str:
    """ "Safari, iPad"; empty for whatever is no browser."""
    found = [
        next((word for part, word in table if part in user_agent), "") for table in (_BROWSERS, _DEVICES)
    ]
    return ", ".join(word for word in found if word)
