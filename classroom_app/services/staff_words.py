"""What facilitators tell the iPads of a group or of a class, and groups that have to wait."""

from __future__ import annotations

import datetime as dt

from classroom_app.data.acting import action
from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import classes
from classroom_app.data.tables import Group, utcnow
from classroom_app.errors import BadInputError, ConflictError, NotFoundError, UnavailableError
from classroom_app.states import StaffWord
from classroom_app.views.classes import GroupIdentity, SaidNow, StaffSentence

SAID_FOR = dt.timedelta(minutes=10)  # then it is about nothing any more, and goes by itself
TEXT_LENGTH_MAX = 60  # one line on an iPad
WAIT_RETRY_S = 5  # after which an iPad sends a photo of a group that waits again


class StaffWordService:
    def __init__(self, db: Database) -> None:
        self._db = db

    @action("words_said")
    def say(self, event_id: str, sentence: StaffSentence, group_id: str | None = None) -> None:
        """One line on every page of the group's iPads, or of all groups of the class, in place of the one
        before. Raises BadInputError `staff_text_wrong`, NotFoundError.
        """
        word, text = _checked(sentence)
        with self._db.write() as session:
            now = utcnow()
            for group in _groups(session, event_id, group_id):
                group.said_word, group.said_text = word, text
                group.said_at, group.said_read_at = now, None

    @action("words_taken_back")
    def take_back(self, event_id: str, group_id: str | None = None) -> None:
        with self._db.write() as session:
            for group in _groups(session, event_id, group_id):
                group.said_word = group.said_text = group.said_at = group.said_read_at = None

    def note_read(self, group: GroupIdentity, said_at: dt.datetime) -> None:
        """An iPad of the group pressed OK under what was said then; not under what was said since."""
        with self._db.write() as session:
            row = session.get(Group, group.id)
            if row is not None and row.said_at == said_at and row.said_read_at is None:
                row.said_read_at = utcnow()

    @action("group_locked")
    def lock(self, event_id: str, group_id: str, why: StaffSentence) -> None:
        """The group's pages say that it has to wait, and why; it takes no photos and trains nothing. Photos
        that it took before come in, later ones wait on their iPad.

        Raises BadInputError `staff_text_wrong`, NotFoundError.
        """
        word, text = _checked(why)
        with self._db.write() as session:
            for group in _groups(session, event_id, group_id):
                group.locked_at = group.locked_at or utcnow()  # another reason is no new lock
                group.locked_word, group.locked_text = word, text

    @action("group_unlocked")
    def unlock(self, event_id: str, group_id: str) -> None:
        with self._db.write() as session:
            for group in _groups(session, event_id, group_id):
                group.locked_at = group.locked_word = group.locked_text = None


def said_now(
    word: StaffWord | None,
    text: str | None,
    at: dt.datetime | None,
    read_at: dt.datetime | None,
    now: dt.datetime,
) -> SaidNow | None:
    """From the columns of a group; None when nothing was said, or too long ago."""
    if word is None or at is None or now - at > SAID_FOR:
        return None
    return SaidNow(StaffSentence(word, text or ""), at, read_at is not None)


def waits_for(word: StaffWord | None, text: str | None, at: dt.datetime | None) -> StaffSentence | None:
    """Why the group has to wait; None when it has not."""
    if at is None:
        return None
    if word is None or (word == StaffWord.OWN and not text):  # what was typed went with a reset
        return StaffSentence(StaffWord.WAIT)
    return StaffSentence(word, text or "")


def check_not_waiting(group: Group) -> None:
    """Raises ConflictError `group_waits`. The group's row has to be locked, or read just now."""
    if group.locked_at is not None:
        raise ConflictError("group_waits")


def check_photo_of_waiting(locked_at: dt.datetime | None, taken_at: dt.datetime | None) -> None:
    """May a photo come that was taken then (by our clock; None: nobody knows)? Those from before the lock
    may; others stay on their iPad until it is over: UnavailableError `group_waits_photo`.
    """
    if locked_at is not None and (taken_at is None or taken_at > locked_at):
        raise UnavailableError("group_waits_photo", seconds=WAIT_RETRY_S)


def _checked(sentence: StaffSentence) -> tuple[StaffWord, str | None]:
    text = " ".join(sentence.text.split())
    if sentence.word != StaffWord.OWN:
        return sentence.word, None
    if not text or len(text) > TEXT_LENGTH_MAX or not text.isprintable():
        raise BadInputError("staff_text_wrong", length=TEXT_LENGTH_MAX)
    return sentence.word, text


def _groups(session: Session, event_id: str, group_id: str | None) -> list[Group]:
    """Locked in the order of all. Raises NotFoundError for a group of another class."""
    groups = [group for group in classes.event(session, event_id).groups if group_id in {None, group.id}]
    if not groups and group_id is not None:
        raise NotFoundError("error_group_not_found")
    ids = sorted(group.id for group in groups)
    return [classes.lock_group(session, one) for one in ids]
