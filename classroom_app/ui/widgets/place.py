"""A group's place in the final: its medal, a kind word for every place, stars for everybody."""

from __future__ import annotations

from typing import Final

from classroom_app.content.catalog import MEDALS
from classroom_app.ui import texts

CONFETTI: Final = ("🎉", "⭐", "🎊", "✨", "🌟", "🎈")
CONFETTI_PIECES: Final = 24
FURTHER: Final = "🎖️"  # behind the three medals there is one too
WITHOUT_AI: Final = "🌟"


def picture(rank: int | None) -> str:
    return MEDALS.get(rank, FURTHER) if rank else WITHOUT_AI


def title(rank: int | None, *, last: bool) -> str:
    """A word for every place: nobody is congratulated on being last."""
    if rank is None:
        return texts.t_html("reveal_without_ai")
    key = "reveal_rank_last" if last else "reveal_rank" if rank in MEDALS else "reveal_rank_more"
    return texts.t_html(key, rank=texts.ordinal(rank))


def stars() -> str:
    pieces = "".join(
        f'<i style="--x:{(n * 2654435761 >> 7) % 100};--t:{n * 7 % 40}">{CONFETTI[n % len(CONFETTI)]}</i>'
        for n in range(CONFETTI_PIECES)  # strewn about, but the same on every run: nothing jumps
    )
    return f'<div class="confetti" aria-hidden="true">{pieces}</div>'
