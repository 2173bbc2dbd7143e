"""The scenes of the show in their order, and which of them is on the screen, also when it goes on by itself.

Pure, so the same on every process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from classroom_app.states import Scene
from classroom_app.views.contest import BoardRow, LookedAround, Place
from classroom_app.views.show import ShowStory

TOP = 3
MANY_BELOW_TOP = 8  # more places than these below the top go faster: nobody waits for minutes
# How long a scene stays when the show goes on by itself, in steps; the last one stays for good.
_LENGTHS = {Scene.DRUM: 1.5, Scene.PODIUM: 2.0, Scene.AWARDS: 3.0, Scene.HARDEST: 3.0, Scene.LOOKED: 3.0}
_TOP_LENGTH = 2.0


def places(final: Sequence[BoardRow]) -> tuple[Place, ...]:
    """From the last to the first; groups without an AI before all others, those that never came left out.

    `final` is the final board, best first. Groups of one rank come in the opposite order of the board, so
    that two looks at the same board tell the same story.
    """
    sizes = Counter(row.rank for row in final)
    backwards = [row for row in reversed(final) if row.took_part]
    backwards.sort(key=_from_last)  # equals keep this order
    return tuple(Place(row, row.rank is not None and sizes[row.rank] > 1) for row in backwards)


def _from_last(row: BoardRow) -> tuple[bool, int]:
    return row.rank is not None, -(row.rank or 0)


def looked(told: Sequence[Place], after: Mapping[str, int]) -> tuple[LookedAround, ...]:
    """`after`: by group id, what looking around first would have given. Best first, as the groups were told;
    empty where it would have changed nobody's score."""
    found = tuple(
        LookedAround(place.row, place.row.final_correct, after[place.row.group_id])
        for place in reversed(told)
        if place.row.rank is not None and place.row.final_correct is not None and place.row.group_id in after
    )
    return found if any(one.before != one.after for one in found) else ()


def scenes(told: Sequence[Place], *, awards: bool, hardest: bool, looked: bool) -> tuple[Scene, ...]:
    """What has nothing to show is left out."""
    wanted = {
        Scene.PODIUM: any(place.row.rank is not None for place in told),
        Scene.AWARDS: awards,
        Scene.HARDEST: hardest,
        Scene.LOOKED: looked,
    }
    ending = [scene for scene, has_something in wanted.items() if has_something]
    return (Scene.DRUM, *(Scene.PLACE for _ in told), *ending, Scene.THANKS)


def shown(story: ShowStory, step: int) -> tuple[str, ...]:
    """The groups whose place has been on the screen at this step, in the order in which it was."""
    return tuple(place.row.group_id for place in story.places[:step])


def within(story: ShowStory, step: int) -> int:
    """The nearest step that there is: a reset in the middle of a show leaves fewer."""
    return min(max(step, 0), len(story.scenes) - 1)


def step_at(story: ShowStory, step: int, elapsed_s: float, pace_s: float | None) -> int:
    """The step that is on the screen `elapsed_s` after `step` began, at `pace_s` a step, or by hand."""
    at = within(story, step)
    if pace_s is None:
        return at
    while at < len(story.scenes) - 1:
        elapsed_s -= pace_s * _length(story, at)
        if elapsed_s < 0:
            break
        at += 1
    return at


def _length(story: ShowStory, step: int) -> float:
    scene = story.scenes[step]
    if scene is not Scene.PLACE:
        return _LENGTHS.get(scene, 1.0)
    rank = story.places[step - 1].row.rank
    if rank is not None and rank <= TOP:
        return _TOP_LENGTH
    below = sum(place.row.rank is None or place.row.rank > TOP for place in story.places)
    return min(1.0, MANY_BELOW_TOP / below)
