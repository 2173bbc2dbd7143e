"""The scenes of the show on the projector: drum, places, podium, awards, what was hardest, what looking
around would have given, thanks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from classroom_app.content.catalog import MEDALS
from classroom_app.states import AwardKind, Half, Scene
from classroom_app.ui import texts, viewer
from classroom_app.ui.charts import mixups
from classroom_app.ui.texts import t, t_html
from classroom_app.ui.widgets.projector.frame import Cue, animal, density, message, name_of
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views.classes import LabelView
from classroom_app.views.contest import Award, BoardRow, Hardest, HardPhoto, LookedAround, Place
from classroom_app.views.show import ShowNow, ShowStory

TOP: Final = 3
_CONFETTI: Final = 36
_AWARD_PICTURES: Final = {
    AwardKind.IMPROVED: "🚀",
    AwardKind.DATA: "💎",
    AwardKind.DETECTIVE: "🔎",
    AwardKind.BALANCE: "⚖️",
    AwardKind.BRAVE: "🦸",
    AwardKind.TRICKSTER: "🎭",
}


# What an award's figure counts: right answers, photos, mistakes mended, versions, others that were fooled.
_AWARD_COUNTS: Final = {
    AwardKind.IMPROVED: "",
    AwardKind.DATA: "📷",
    AwardKind.DETECTIVE: "✅",
    AwardKind.BALANCE: "📷",
    AwardKind.BRAVE: "🤖",
    AwardKind.TRICKSTER: "🎭",
}


def title(show: ShowNow, story: ShowStory) -> str:
    """The heading of the scene, as HTML."""
    if show.scene == Scene.PLACE and (place := story.places[show.step - 1]).row.rank == 1:
        return f"🏆 {t_html('pj_winners' if place.tied else 'pj_winner')}"
    return {
        Scene.PODIUM: f"🏆 {t_html('pj_podium')}",
        Scene.AWARDS: f"🎖️ {t_html('pj_awards')}",
        Scene.HARDEST: f"🤔 {t_html('pj_hardest')}",
        Scene.LOOKED: f"👀 {t_html('pj_looked')}",
        Scene.THANKS: t_html("app_title"),
    }.get(Scene(show.scene), f"🏆 {t_html('pj_reveal')}")


def cue(show: ShowNow, story: ShowStory) -> Cue:
    """The sound of the scene."""
    kind: str = show.scene
    if kind == Scene.PLACE and story.places[show.step - 1].row.rank == 1:
        kind = "winner"
    return Cue(f"show {show.step}", kind)


def scene(event_id: str, show: ShowNow, story: ShowStory, *, dark: bool) -> None:
    """What is on the screen at this step."""
    match Scene(show.scene):
        case Scene.DRUM:
            _drum(story)
        case Scene.PLACE:
            _place(story, show.step)
        case Scene.PODIUM:
            _podium(story)
        case Scene.AWARDS:
            _awards(story)
        case Scene.HARDEST:
            _hardest(event_id, story.hardest, dark=dark)
        case Scene.LOOKED:
            _looked(story.looked)
        case Scene.THANKS:
            thanks(story)


# -- drum and places ---------------------------------------------------------------------------


def _drum(story: ShowStory) -> None:
    """Everybody is on the screen, in an order that tells nothing."""
    everybody = sorted((place.row for place in story.places), key=lambda row: row.group_id)
    crowd = "".join(animal(row) for row in everybody)
    st.html(
        f'<div class="pj-drum"><span class="pj-roll">🥁</span><b>{t_html("pj_ready")}</b></div>'
        f'<div class="pj-everybody pj-{density(len(everybody))}">{crowd}</div>'
    )


def _place(story: ShowStory, step: int) -> None:
    place = story.places[step - 1]
    first = place.row.rank == 1
    kind = "pj-card pj-first" if first else "pj-card"
    # Another id is another element: each card pops in anew.
    st.html(
        f'<section class="{kind}" data-step="{step}">'
        f'<div class="pj-card-rank">{_rank(place)}</div>'
        f'<div class="pj-card-who">{animal(place.row)}<b>{name_of(place.row)}</b></div>'
        f"{_result(place) if place.row.rank is not None else _honour(place.row)}</section>"
    )
    st.html(_shelf(story.places[: step - 1]) + _coming(story.places[step:], again=first))
    if first:
        _confetti()


def _rank(place: Place) -> str:
    rank = place.row.rank
    if rank is None:
        return f'<span class="pj-medal">{_unranked(place.row)}</span>'
    tied = f"<small>{t_html('pj_tied')}</small>" if place.tied else ""
    medal = f'<span class="pj-medal">{MEDALS[rank]}</span>' if rank in MEDALS else ""
    return f"{medal}<b>{_in_words(rank)}</b>{tied}"


def _unranked(row: BoardRow) -> str:
    """In place of a medal: a group that came, and took no photo, is not thanked for photos."""
    return "📷" if row.photos else "👏"


def _result(place: Place) -> str:
    share, score = _score(place.row, Half.FINAL)
    bar = f"width:{share:.1%};background:{escape(place.row.color)}"
    return (
        f'<div class="pj-card-score"><span class="pj-bar"><span style="{bar}"></span></span>'
        f'<b>{score}</b></div><div class="pj-way">{_way(place)}</div>'
    )


def _way(place: Place) -> str:
    """From the rank while the class trained to the one that counts."""
    before, after = place.row.practice_rank, place.row.rank
    if before is None or after is None:
        return ""
    up, down = '<i class="pj-up">▲</i>', '<i class="pj-down">▼</i>'
    sign = up if after < before else down if after > before else ""
    return (
        f"<span>{t_html('pj_way_practice')} <b>{_in_words(before)}</b></span><i>➜</i>"
        f"<span>{t_html('pj_way_final')} <b>{_in_words(after)}</b></span>{sign}"
    )


def _honour(row: BoardRow) -> str:
    if not row.photos:
        return f'<div class="pj-honour"><b>{t_html("pj_together")}</b></div>'
    photos = t_html("pj_no_ai_photos", number=row.photos)
    return f'<div class="pj-honour"><b>{t_html("pj_no_ai")}</b><span>{photos}</span></div>'


def _score(row: BoardRow, half: Half) -> tuple[float, str]:
    """The share of 1, and the score as `18/20`."""
    correct, total = row.score(half) or (0, 0)
    return (correct / total if total else 0.0), f"{correct}/{total}"


def _shelf(places: Sequence[Place]) -> str:
    """Who has had their moment: the last rank to the left, as they came."""
    items = "".join(f"<span>{animal(place.row)}<b>{_rank_short(place.row)}</b></span>" for place in places)
    return f'<div class="pj-shelf pj-{density(len(places))}">{items}</div>'


def _in_words(rank: int) -> str:
    return t_html("pj_rank", rank=texts.ordinal(rank))


def _rank_short(row: BoardRow) -> str:
    return _unranked(row) if row.rank is None else MEDALS.get(row.rank, str(row.rank))


def _coming(places: Sequence[Place], *, again: bool) -> str:
    """What comes next; `again`: a winner is on the screen, and shares the first place with whoever comes."""
    if not places:
        return ""
    rank = places[0].row.rank
    words = t_html("pj_next_group") if rank is None else t_html("pj_next", rank=texts.ordinal(rank))
    if rank == 1:
        words = t_html("pj_next_winner" if again else "pj_next_first")
    return f'<p class="pj-coming">🥁 {words}</p>'


# -- the ending --------------------------------------------------------------------------------


def _podium(story: ShowStory) -> None:
    """The second to the left, as on every podium; equal ranks share a step."""
    ranked = [place for place in story.places if place.row.rank is not None]
    steps = "".join(_podium_step(rank, [p.row for p in ranked if p.row.rank == rank]) for rank in (2, 1, 3))
    rest = [place for place in story.places if place.row.rank is None or place.row.rank > TOP]
    st.html(f'<div class="pj-podium">{steps}</div>{_shelf(rest)}')
    _confetti()


def _podium_step(rank: int, rows: Sequence[BoardRow]) -> str:
    if not rows:
        return ""
    groups = "".join(
        f"<div>{animal(row)}<b>{name_of(row)}</b>"
        f'<span class="pj-points">{_score(row, Half.FINAL)[1]}</span></div>'
        for row in reversed(rows)
    )
    crowded = " pj-crowded" if len(rows) > 1 else ""
    return (
        f'<div class="pj-step pj-step-{rank}{crowded}" style="flex-grow:{len(rows)}">'
        f'<div class="pj-step-who">{groups}</div>'
        f'<div class="pj-block"><span>{MEDALS[rank]}</span><b>{_in_words(rank)}</b></div></div>'
    )


def _awards(story: ShowStory) -> None:
    rows = {place.row.group_id: place.row for place in story.places}
    cards = "".join(_award(award, rows) for award in story.awards)
    st.html(f'<div class="pj-awards pj-of-{len(story.awards)}">{cards}</div>')


def _award(award: Award, rows: Mapping[str, BoardRow]) -> str:
    winners = [rows[group_id] for group_id in award.group_ids if group_id in rows]
    who = "".join(f"<span>{animal(row)}{name_of(row)}</span>" for row in winners)
    figure = f"{_AWARD_COUNTS[AwardKind(award.kind)]} {escape(award.figure)}".strip()
    if award.kind == AwardKind.DATA:  # photos and right answers: an arrow between them would look like a fall
        figure = figure.replace("→", "✅")
    figure = f"<em>{figure}</em>" if award.figure else ""
    return (
        f'<div class="pj-award"><i>{_AWARD_PICTURES[AwardKind(award.kind)]}</i><div>'
        f"<b>{t_html(f'award_{award.kind}')}</b>"
        f'<div class="pj-award-who">{who}{figure}</div>'
        f"<p>{t_html(f'pj_award_{award.kind}_why')}</p></div></div>"
    )


def _hardest(event_id: str, found: Hardest, *, dark: bool) -> None:
    photos = "".join(_hard_photo(event_id, photo, found.ais) for photo in found.photos)
    with st.container(key="pj_hardest"):
        st.html(f'<div class="pj-hard pj-of-{len(found.photos)}">{photos}</div>')
        with st.container(key="pj_mixups"):
            sides = f"<span>{t_html('pj_truth')} ↓</span><span>{t_html('pj_guess')} →</span>"
            st.html(f'<p class="pj-mixed">{t_html("pj_hardest_mixed")}</p><p class="pj-sides">{sides}</p>')
            names = _short_names([pair.label for pair in found.mixed])
            table = pd.DataFrame(
                [(names[pair.label.id], names[pair.guess.id], pair.count) for pair in found.mixed],
                columns=list(mixups.MIXUP_COLUMNS),
            )
            chart = mixups.heat_map(table, list(names.values()), t("pj_hardest_mixed"), dark=dark)
            st.altair_chart(
                chart, theme=None, width="stretch", height="stretch", key=f"pj_mixups_chart_{dark}"
            )


def _hard_photo(event_id: str, photo: HardPhoto, ais: int) -> str:
    """A facilitator's own photo, and what it was taken for."""
    source = f"/api/show/photos/{escape(photo.photo_id)}?event={escape(event_id)}"
    guesses = "".join(f"<span>{escape(label.emoji)} ×{count}</span>" for label, count in photo.guesses[:3])
    name = texts.label_html(photo.label.name(viewer.lang()))
    plain = escape(texts.label_plain(photo.label.name(viewer.lang())))
    return (
        f'<figure><img src="{source}" alt="{plain}"><figcaption><b>{escape(photo.label.emoji)} {name}</b> '
        f'<span class="pj-guesses">➜ {guesses}</span>'
        f"<p>{t_html('pj_hardest_wrong', wrong=photo.wrong, ais=ais)}</p></figcaption></figure>"
    )


def _short_names(labels: Sequence[LabelView]) -> dict[str, str]:
    """By label id: its emoji, or its name where two labels have the same one."""
    different = {label.id: label for label in labels}
    emoji = [label.emoji for label in different.values()]
    return {
        label.id: label.emoji
        if emoji.count(label.emoji) == 1
        else texts.label_plain(label.name(viewer.lang()))
        for label in different.values()
    }


def _looked(found: Sequence[LookedAround]) -> None:
    """Nobody's place changes, so there are no ranks here: before and after, and the reason in a sentence."""
    lines = "".join(_looked_line(one) for one in found)
    sides = (
        f'<p class="pj-looked-sides">{t_html("pj_looked_before")}<i>➜</i>'
        f"<em>{t_html('pj_looked_after')}</em></p>"
    )
    st.html(
        f'<p class="pj-looked-why">{t_html("pj_looked_why")}</p>'
        f'<div class="pj-looked pj-{density(len(found))} pj-of-{len(found)}">{sides}{lines}</div>'
        f'<p class="pj-hint">{t_html("pj_looked_ranks")}</p>'
    )


def _looked_line(one: LookedAround) -> str:
    way = " pj-more" if one.after > one.before else " pj-less" if one.after < one.before else ""
    return (
        f'<div class="pj-look{way}">{animal(one.row)}<b>{name_of(one.row)}</b>'
        f"<span>{one.before}<i>➜</i><em>{one.after}</em></span></div>"
    )


def thanks(story: ShowStory) -> None:
    winners = "".join(
        f"<span>🏆 {animal(place.row)} {name_of(place.row)}</span>"
        for place in story.places
        if place.row.rank == 1
    )
    photos = sum(place.row.photos for place in story.places)
    ais = sum(place.row.runs for place in story.places)
    message("🌸 👋 🌸", t_html("pj_thanks"), t_html("pj_thanks_sum", photos=photos, ais=ais))
    st.html(f'<div class="pj-names">{winners}</div>')


def _confetti() -> None:
    """Falls for some seconds behind the words; not at all where the device asks for less motion."""
    pieces = "".join(
        f'<i style="left:{(number * 37) % 100}%;animation-delay:{(number % 9) * 0.35:.2f}s">'
        f"{'🎉🎊⭐🌟'[number % 4]}</i>"
        for number in range(_CONFETTI)
    )
    st.html(f'<div class="pj-confetti" aria-hidden="true">{pieces}</div>')
