"""What all AIs found hardest: the challenge photos most of them got wrong, and the labels they mixed up.

Of the final half, by the answers that the counted runs stored; nothing is predicted anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from classroom_app.data.engine import Database
from classroom_app.data.files import Files
from classroom_app.data.repository import challenge, classes, shows
from classroom_app.data.tables import ChallengePhoto
from classroom_app.errors import NotFoundError
from classroom_app.services.classes import label_view
from classroom_app.services.training.records import ChallengeAnswer, answers_from_json
from classroom_app.states import Half
from classroom_app.views.classes import LabelView
from classroom_app.views.contest import Hardest, HardPhoto, MixUp

PHOTOS_SHOWN: Final = 3


class HardestService:
    def __init__(self, db: Database, files: Files, counted: Callable[[str], Mapping[str, str]]) -> None:
        """`counted`: of a class, the id of the run that counts by group id."""
        self._db = db
        self._files = files
        self._counted = counted

    def of_class(self, event_id: str) -> Hardest:
        """Raises NotFoundError."""
        counted = self._counted(event_id)
        with self._db.read() as session:
            labels = {row.id: label_view(row) for row in classes.event(session, event_id).labels}
            photos = {row.id for row in challenge.photos(session, event_id)}
            stored = shows.answers(session, list(counted.values())).values()
        given = [
            answer
            for answers in stored
            for answer in answers_from_json(answers)
            if answer.half == Half.FINAL
            and answer.photo in photos
            and {answer.label, answer.guess} <= labels.keys()
        ]
        return Hardest(len(stored), _hard_photos(given, labels), _mixed(given, labels))

    def picture(self, event_id: str, photo_id: str) -> bytes:
        """The JPEG of a challenge photo of this class. Raises NotFoundError."""
        with self._db.read() as session:
            row = session.get(ChallengePhoto, photo_id)
            if row is None or row.event_id != event_id:
                raise NotFoundError("error_photo_not_found")
            key = row.blob_key
        try:
            return self._files.get_photo(key, "full")
        except NotFoundError as exc:
            raise NotFoundError("error_photo_not_found") from exc


def _hard_photos(given: Sequence[ChallengeAnswer], labels: Mapping[str, LabelView]) -> tuple[HardPhoto, ...]:
    """Most AIs first; the id decides between equals, so that every screen shows the same ones."""
    wrong: dict[str, Counter[str]] = {}
    truth: dict[str, str] = {}
    for answer in given:
        if answer.guess != answer.label:
            wrong.setdefault(answer.photo, Counter())[answer.guess] += 1
            truth[answer.photo] = answer.label
    order = sorted(wrong, key=lambda photo: (-wrong[photo].total(), photo))
    return tuple(
        HardPhoto(
            photo_id=photo,
            label=labels[truth[photo]],
            wrong=wrong[photo].total(),
            guesses=tuple((labels[guess], count) for guess, count in wrong[photo].most_common()),
        )
        for photo in order[:PHOTOS_SHOWN]
    )


def _mixed(given: Sequence[ChallengeAnswer], labels: Mapping[str, LabelView]) -> tuple[MixUp, ...]:
    pairs = Counter((answer.label, answer.guess) for answer in given)
    return tuple(
        MixUp(label, guess, pairs[label.id, guess.id])
        for label in labels.values()
        for guess in labels.values()
    )
