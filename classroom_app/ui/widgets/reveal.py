"""The reveal on a group's own iPads: look at the screen, then the own place with a kind word, at last the
board.
"""

from __future__ import annotations

from collections.abc import Sequence

from classroom_app.ui import texts
from classroom_app.ui.widgets import big_messages, place, results
from classroom_app.views.contest import BoardRow, GroupReveal
from classroom_app.views.training import RunView


def follow_show(shown: GroupReveal, versions: Sequence[RunView], photos: int, own_id: str) -> None:
    """What the iPads of a group show at this moment of the reveal."""
    if shown.own is None:
        if shown.board is None:
            big_messages.show("📽️", texts.t_html("look_at_screen_title"), texts.t_html("look_at_screen_text"))
            return
    else:
        praise = _praise(shown.own, versions, photos)
        _place(shown.own, last=shown.last, praise=praise, over=shown.board is not None)
    if shown.board is not None:
        results.final_board(shown.board, own_id)


def _place(own: BoardRow, *, last: bool, praise: str, over: bool) -> None:
    """The medal and the place, big, with stars for everybody."""
    lines = [texts.t_html("score", correct=own.final_correct, total=own.final_total)] if own.rank else []
    lines.append(praise)
    if not over:
        lines.append(f'<span class="goes-on">{texts.t_html("reveal_goes_on")}</span>')
    title = place.title(own.rank, last=last)
    big_messages.show(place.picture(own.rank), title, "<br>".join(lines), behind=place.stars())


def _praise(own: BoardRow, versions: Sequence[RunView], photos: int) -> str:
    """What this group did well, whatever its place; of the practice half, which it knows."""
    if own.rank is None:
        return texts.t_html("reveal_photos", number=photos) if photos else texts.t_html("reveal_together")
    scores = [run.practice_correct for run in versions if run.practice_correct is not None]
    more = own.practice_correct - scores[0] if scores and own.practice_correct is not None else 0
    if more > 0:
        return texts.t_html("reveal_praise_more", number=more)
    if own.runs > 1:
        return texts.t_html("reveal_praise_versions", number=own.runs)
    return texts.t_html("reveal_praise_first")
