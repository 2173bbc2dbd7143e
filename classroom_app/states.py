"""The states that things of a class can be in, and the numbers of the day that several rooms go by.

The values are stored in the database and sent over HTTP: a new spelling needs a migration.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

LABELS_TO_TRAIN: Final = 2
PHOTOS_TO_TRAIN: Final = 5  # of each of so many labels
PASSWORD_LENGTH_MIN: Final = 10
LABELS_MAX: Final = 10  # that a class may make for itself
IPADS_MAX: Final = 6  # that are planned for a group; more may come
FREEZE_MINUTES: Final = 3  # of a round's end, when the board stands still; a class may choose others
LABEL_KEY_LENGTH_MAX: Final = 40


class Phase(StrEnum):
    """Of a class, in the order of the day."""

    LOBBY = "lobby"
    COLLECT = "collect"
    FINAL = "final"
    REVEAL = "reveal"
    CLOSED = "closed"


# In these a class may have a swap round: groups try another group's AI.
SWAP_PHASES: Final = frozenset({Phase.COLLECT, Phase.FINAL})


class Ending(StrEnum):
    """Why the cookie of a group's iPad opens nothing any more."""

    OVER = "over"  # the class is closed
    DELETED = "deleted"  # with all its data
    REMOVED = "removed"  # the group alone; its class goes on
    RENEWED = "renewed"  # its card was made anew
    LOST = "lost"  # there is no cookie, or none that says anything

    @property
    def error_key(self) -> str | None:
        """What a page of the group is answered that asks on, and the sentence's key; none: the usual one."""
        return None if self is Ending.LOST else f"ended_{self}"

    @property
    def is_for_good(self) -> bool:
        """Nobody of the group can come back by a card."""
        return self in {Ending.OVER, Ending.DELETED, Ending.REMOVED}


class Role(StrEnum):
    """Of an account of a grown-up; of what classes, its owner says."""

    OWNER = "owner"  # every class, and the accounts
    FACILITATOR = "facilitator"  # makes classes and leads its own
    INSTRUCTOR = "instructor"  # looks at its classes and leads their show


class Right(StrEnum):
    """What an account may be allowed to do."""

    LOOK = "look"  # at a class
    LEAD = "lead"  # its show
    CHANGE = "change"  # the class and what is in it
    MAKE = "make"  # a new class
    KNOW = "know"  # how the app is, which is no class's
    SELF = "self"  # what is its own: its password, its log-ins
    OWN = "own"  # what is not of one class: accounts, all receipts, the check of everything


class CameraTrouble(StrEnum):
    """Why an iPad's page has no camera, in the words of live_camera.js."""

    DENIED = "denied"
    NONE = "none"
    INSECURE = "insecure"
    BUSY = "busy"


class ClockTrouble(StrEnum):
    """Whose clock is far from the others."""

    SERVER = "server"
    IPADS = "ipads"
    BROWSER = "browser"  # the facilitator's own, or the server's: there is no third one to ask


class Need(StrEnum):
    """What a group may need a grown-up for, the most urgent first."""

    CANNOT_SEND = "cannot_send"  # somebody else answers there in this app's place
    AWAY = "away"  # all its iPads have fallen silent
    RUN_FAILED = "run_failed"
    NO_CAMERA = "no_camera"
    STUCK = "stuck"  # for minutes no photo and no training, while the class collects
    REFUSED = "refused"  # photos that were not taken
    ABSENT = "absent"  # the class has begun without it


class StaffWord(StrEnum):
    """What a facilitator tells the iPads of a group, or why it has to wait."""

    FRONT = "front"
    LOOK_UP = "look_up"
    WAIT = "wait"
    COMING = "coming"  # somebody comes and helps
    PHOTOS = "photos"  # a facilitator looks at the group's photos
    OWN = "own"  # typed

    @property
    def calls_to_the_front(self) -> bool:
        """Is it about what is to be seen there, and nothing else?"""
        return self in {StaffWord.FRONT, StaffWord.LOOK_UP}


class PhotoState(StrEnum):
    """What a facilitator can tell a group's photos apart by."""

    READY = "ready"
    WAITING = "waiting"  # for its features
    UNREADABLE = "unreadable"  # the compute tier made nothing of it
    SEEN = "seen"  # of the challenge: not trained on


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE_STATES: Final = (RunState.QUEUED, RunState.RUNNING)
ENDED_BADLY: Final = (RunState.FAILED, RunState.CANCELLED)


class RunStage(StrEnum):
    """What a run is at; the middle ones are the compute tier's words."""

    WAITING = "waiting"
    FEATURES = "features"
    LOOKING = "looking"
    FITTING = "fitting"
    CHECKING = "checking"
    DONE = "done"


class EmbedState(StrEnum):
    """Has a photo its features?"""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


PHOTO_STATES: Final = {
    EmbedState.PENDING: PhotoState.WAITING,
    EmbedState.FAILED: PhotoState.UNREADABLE,
    EmbedState.READY: PhotoState.READY,
}


class Half(StrEnum):
    """Of the challenge photos: practice is scored while the class trains, final is shown at the reveal."""

    PRACTICE = "practice"
    FINAL = "final"


class Scene(StrEnum):
    """Of the show, in its order: what is on the screen while the results come out."""

    DRUM = "drum"
    PLACE = "place"  # one a group, from the last to the first
    PODIUM = "podium"
    AWARDS = "awards"
    HARDEST = "hardest"
    LOOKED = "looked"  # what every AI would have had right, had it looked around first
    THANKS = "thanks"


class Leader(StrEnum):
    """Where the show was led from last."""

    FACILITATOR = "facilitator"
    PROJECTOR = "projector"


class FaceRule(StrEnum):
    """What happens to photos with a face: keep them, say so and keep them, do not keep them. The strictest
    comes last.
    """

    ALLOW = "allow"
    WARN = "warn"
    BLOCK = "block"


class AdviceKind(StrEnum):
    """What the photo coach may say of a photo just taken."""

    FACE = "face"
    DARK = "dark"
    BLURRY = "blurry"
    SAME = "same"
    FEW = "few"
    BACKGROUND = "background"
    SEEN = "seen"


class FoolCheck(StrEnum):
    """What becomes of a thing with which a group says that it fooled another group's AI."""

    COUNTED = "counted"
    SOON = "soon"  # too fast after the one before
    AGAIN = "again"  # the same mix-up again, in the same minute or too often
    ENOUGH = "enough"  # as many as a group may find


class Notice(StrEnum):
    """A sentence that a group reads once: it is to be said, it was said."""

    DUE = "due"
    TOLD = "told"


class Verdict(StrEnum):
    """What the challenge is for the AIs of children, before they begin."""

    TOO_EASY = "too_easy"
    FITTING = "fitting"
    TOO_HARD = "too_hard"


class DeletionScope(StrEnum):
    """How much a deletion takes: `group_reset` empties a group and keeps it."""

    PHOTO = "photo"
    PHOTOS = "photos"  # several, of any groups of one class
    LABEL = "label"
    RUNS = "runs"  # a group's AIs and their results; its photos stay
    GROUP_RESET = "group_reset"
    GROUP = "group"
    EVENT = "event"


class CountedRun(StrEnum):
    """Which version of a group counts in the contest: its best on the practice half, its last, its choice."""

    BEST = "best"
    LAST = "last"
    CHOSEN = "chosen"


class AwardKind(StrEnum):
    """What a group can be honoured for beside its rank, in the order of the show."""

    IMPROVED = "improved"
    DATA = "data"
    DETECTIVE = "detective"
    BALANCE = "balance"
    BRAVE = "brave"
    TRICKSTER = "trickster"


class ProblemKind(StrEnum):
    """What the check of everything may find (`services/integrity.py`)."""

    PHOTO_WITHOUT_FILE = "photo_without_file"
    PHOTO_WITHOUT_THUMB = "photo_without_thumb"
    PHOTO_WITHOUT_FEATURES = "photo_without_features"
    PHOTO_OF_ANOTHER_CLASS = "photo_of_another_class"
    PHOTO_IN_BOTH_HALVES = "photo_in_both_halves"
    SEEN_IN_ANOTHER_CLASS = "seen_in_another_class"
    FILE_WITHOUT_ROW = "file_without_row"
    HALF_WRITTEN_FILE = "half_written_file"
    MODEL_WITHOUT_FILE = "model_without_file"
    RUN_WITHOUT_RESULT = "run_without_result"
    RESULT_OF_UNDONE_RUN = "result_of_undone_run"
    RUN_WITHOUT_WORKFLOW = "run_without_workflow"
    WORKFLOW_WITHOUT_RUN = "workflow_without_run"
    SCORE_WRONG = "score_wrong"
    FINAL_WRONG = "final_wrong"
    ROW_WITHOUT_OWNER = "row_without_owner"
    RECEIPT_NOT_CLEAN = "receipt_not_clean"


# Nothing is lost by mending these: nobody can reach them, or they are made anew.
REPAIRABLE: Final = frozenset(
    {
        ProblemKind.PHOTO_WITHOUT_FEATURES,
        ProblemKind.FILE_WITHOUT_ROW,
        ProblemKind.HALF_WRITTEN_FILE,
        ProblemKind.WORKFLOW_WITHOUT_RUN,
        ProblemKind.ROW_WITHOUT_OWNER,
        ProblemKind.SEEN_IN_ANOTHER_CLASS,
    }
)
