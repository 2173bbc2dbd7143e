"""Emoji for a class's own labels: some to choose from, and one where none was chosen."""

from __future__ import annotations

from functools import cache

from classroom_app.content import catalog, i18n

# What a teacher brings into a classroom; shapes and signs for all that is not here.
CHOICE = (
    "🍎", "🍌", "🍊", "🍇", "🍓", "🍉", "🥕", "🍅", "🥔", "🧅", "🌽", "🍞",
    "🍙", "🥚", "🥛", "🍵", "🍬", "🍴", "🌸", "🌻", "🍀", "🍁", "🌰", "🐚",
    "🪨", "🐞", "🐌", "🐟", "🐦", "🐶", "🐱", "🐰", "✊", "✌️", "✋", "👍",
    "😀", "😢", "✏️", "✂️", "📏", "📖", "🖍️", "📎", "🎒", "👟", "🧢", "🧤",
    "👓", "🔑", "⚽", "🎲", "🧩", "🚗", "🚲", "🔔", "⭐", "❤️", "⭕", "❌",
)  # fmt: skip
_PLAIN = ("🔴", "🔵", "🟡", "🟢", "🟣", "🟠", "🟤", "⚫", "⚪", "🔷")


def proposed(names: tuple[str, ...], place: int) -> str:
    """Of a label of the catalogue that has one of the names; else a coloured sign, another at each place."""
    known = (_known().get(name.strip().casefold()) for name in names)
    return next((emoji for emoji in known if emoji), _PLAIN[place % len(_PLAIN)])


@cache
def _known() -> dict[str, str]:
    return {
        name.casefold(): label.emoji
        for template in catalog.CLASS_TEMPLATES
        for label in template.labels
        for name in (label.name_en, i18n.kanji(label.name_ja), i18n.plain(label.name_ja))
    }
