"""What services return and widgets take: frozen read models of the class, without a thought of the database.

Texts of labels and groups are as people typed them: Japanese with furigana as {漢字|かんじ}, not escaped.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TypeGuard

from classroom_app.content import catalog
from classroom_app.content.catalog import GroupTemplate, TwoNames
from classroom_app.states import (
    ACTIVE_STATES,
    FREEZE_MINUTES,
    REPAIRABLE,
    SWAP_PHASES,
    AdviceKind,
    CameraTrouble,
    CountedRun,
    DeletionScope,
    Ending,
    FaceRule,
    FoolCheck,
    Half,
    Need,
    Phase,
    PhotoState,
    ProblemKind,
    Role,
    RunStage,
    RunState,
    Scene,
    StaffWord,
    Verdict,
)


class _Animal(TwoNames):
    """A group as its animal and colour show it."""

    emoji: str
    color: str

    @property
    def ink(self) -> str:
        """The text colour that can be read on the group's own."""
        return catalog.ink_on(self.color)

    @property
    def deep(self) -> str:
        """The same hue for bars, rings and frames: seen on paper."""
        return catalog.deep(self.color)

    @property
    def picture(self) -> str:
        """Address of the animal's drawing."""
        return f"/assets/emoji/{catalog.emoji_file(self.emoji)}"


REJECTED_NAMES = 5
OTHER_PROCESSES = "other_processes"  # of a receipt: web processes that have not forgotten yet ...
COMPUTE_SERVERS = "compute_servers"  # ... and servers of the compute tier that could not be asked
LEARNT_KEPT = "learnt_kept"  # AIs that learnt from deleted photos and stay, because somebody chose so
# No rest that needs another deletion: what those processes still have goes by itself within minutes.
NO_REST = frozenset({OTHER_PROCESSES, COMPUTE_SERVERS, LEARNT_KEPT})
REJECTED_NAME_CHARS = 120


@dataclass(frozen=True)
class CurvePoint:
    photos_per_label: int
    correct: int
    total: int


@dataclass(frozen=True)
class LabelView(TwoNames):
    id: str
    key: str
    emoji: str
    name_ja: str  # furigana as {漢字|かんじ}
    name_en: str


@dataclass(frozen=True)
class NewLabel:
    key: str
    emoji: str
    name_ja: str
    name_en: str


@dataclass(frozen=True)
class StaffSentence:
    """`text` is what was typed, as people typed it; of StaffWord.OWN alone."""

    word: StaffWord
    text: str = ""


@dataclass(frozen=True)
class SaidNow:
    """A sentence for all iPads of a group. `read`: one of them has pressed OK."""

    sentence: StaffSentence
    at: dt.datetime
    read: bool = False


@dataclass(frozen=True)
class GroupIdentity(_Animal):
    """The group behind a cookie, checked against the database just now."""

    id: str
    event_id: str
    event_name: str
    phase: Phase
    epoch: int
    key: str
    emoji: str
    color: str
    name_ja: str
    name_en: str
    joined: bool
    faces: FaceRule  # what happens to photos with a face
    said: SaidNow | None = None  # by a facilitator, a moment ago
    waits: StaffSentence | None = None  # a facilitator has the group wait, and why
    swap_turn: int | None = None  # of the class's swap round, as it is stored

    @property
    def swaps(self) -> bool:
        """Is a swap round on?"""
        return self.swap_turn is not None and self.phase in SWAP_PHASES


@dataclass(frozen=True)
class Account:
    """Who is logged in, as the database knows it at this moment."""

    username: str
    role: Role
    event_ids: frozenset[str]  # of the classes that it sees; an owner sees all, whatever stands here
    session_id: str = ""  # of this log-in; empty for a cookie of the release before

    @property
    def is_owner(self) -> bool:
        return self.role is Role.OWNER

    @property
    def may_change(self) -> bool:
        """Anything at all of a class, beside its show."""
        return self.role is not Role.INSTRUCTOR


@dataclass(frozen=True)
class AccountView:
    username: str
    role: Role
    event_ids: frozenset[str]
    seen_at: dt.datetime | None  # its last log-in that is still one


@dataclass(frozen=True)
class SessionView:
    """A log-in on one browser."""

    id: str
    device: str  # "Safari, iPad"; empty where the browser says nothing
    begun_at: dt.datetime
    seen_at: dt.datetime


@dataclass(frozen=True)
class GroupView(_Animal):
    id: str
    key: str
    emoji: str
    color: str
    name_ja: str
    name_en: str
    join_path: str
    picture_code: tuple[str, ...]
    joined: bool

    @property
    def picture_code_emoji(self) -> str:
        """The pictures to tap, in order."""
        return " ".join(picture.emoji for key in self.picture_code if (picture := catalog.picture(key)))


@dataclass(frozen=True)
class EventView:
    id: str
    name: str
    phase: Phase
    show_practice: bool  # may groups see the practice photos that their AI got wrong?
    faces: FaceRule  # what happens to photos with a face
    labels: tuple[LabelView, ...]
    groups: tuple[GroupView, ...]


@dataclass(frozen=True)
class TakeHome(_Animal):
    """A group's AI to take home: the version that counted, its file (safetensors), and its story. `day`: when
    the class was made; `labels`: those that it was taught; `correct` of `total` on the final half.
    """

    class_name: str
    day: dt.date
    key: str
    emoji: str
    color: str
    name_ja: str
    name_en: str
    labels: tuple[LabelView, ...]
    version: int
    versions: int
    photos: int
    correct: int
    total: int
    model: bytes = field(repr=False)


@dataclass(frozen=True)
class GroupStatus:
    """One line of the facilitators' monitor."""

    group: GroupView
    seen_seconds_ago: float | None
    photos: dict[str, int]  # by label id
    features_pending: int
    runs: int
    active_state: RunState | None
    last_error_key: str | None
    set_aside: int = 0  # photos that no decoder got through with


@dataclass(frozen=True)
class IPadWord:
    """What an iPad says of itself. `unsent`: photos that wait on it; `failed`: those that were refused since
    its page was opened, none once the last is minutes ago; `page`: the one that is open; `camera`: why it has
    none, if it should have one.
    """

    ipad: str  # a random UUID of version 4 that the browser made
    unsent: int = 0
    cannot_send: bool = False
    page: str = ""
    failed: int = 0
    camera: CameraTrouble | None = None

    @classmethod
    def told(cls, said: object) -> IPadWord | None:
        """Of what came from a browser; none where it says nothing of itself. A browser of the release before
        says less, one of the next release may say more or otherwise.
        """
        if not isinstance(said, Mapping):
            return None
        ipad, unsent, page, camera = (said.get(name) for name in ("ipad", "unsent", "page", "camera"))
        failed = said.get("failed")
        if not isinstance(ipad, str) or not _is_number(unsent):
            return None
        return cls(
            ipad=ipad,
            unsent=unsent,
            cannot_send=said.get("cannot_send") is True,
            page=page if isinstance(page, str) else "",
            failed=failed if _is_number(failed) else 0,
            camera=CameraTrouble(camera)
            if isinstance(camera, str) and camera in set(CameraTrouble)
            else None,
        )


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass(frozen=True)
class GroupIPads:
    """A group's iPads together. `here`: heard of just now; the figures but `unsent` are of these."""

    here: int = 0
    known: int = 0
    silent_s: float | None = None  # since the last word of any; none: nobody has spoken
    unsent: int = 0
    failed: int = 0
    cannot_send: int = 0
    without_camera: int = 0
    pages: tuple[str, ...] = ()  # that are open, each once, by name


@dataclass(frozen=True)
class GroupHelp:
    """`still_s`: since the group's last photo or training, while the class collects; `needs`: the most urgent
    first, empty where all is well.
    """

    group_id: str
    ipads: GroupIPads
    still_s: float | None
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class SendingTrouble:
    """iPads whose network answers in this app's place, and the photos that wait on them."""

    ipads: int
    photos: int


@dataclass(frozen=True)
class ClassNow:
    """A class as the console shows it, from one look. `final`: the rows behind the curtain, where asked for;
    `seen`: photos of the challenge by group id, as of `LikenessService.seen`.
    """

    lines: tuple[GroupStatus, ...]
    wanted: tuple[GroupHelp, ...]  # who needs help most first
    trouble: SendingTrouble
    practice: Mapping[str, BoardRow]  # by group id
    final: Mapping[str, BoardRow] | None
    seen: Mapping[str, tuple[int, tuple[SeenPhoto, ...]]]
    locked: frozenset[str]  # ids of the groups that wait
    jobs: JobCounts


@dataclass(frozen=True)
class JobCounts:
    """Of all classes, which share the queue. `expected_s`: how long a training that is asked for now would
    take until its end; None while nobody can know.
    """

    queued: int
    running: int
    expected_s: float | None


@dataclass(frozen=True)
class JobLine:
    """A training as facilitators see it. `place`: active ones of any class before it, while it is queued;
    `seconds`: since it was asked for, or as long as it took; `may_retry`: it is its group's newest one, and
    failed or was stopped.
    """

    id: str
    group_id: str
    version: int
    state: RunState
    stage: RunStage
    progress: float
    place: int
    requested_at: dt.datetime
    seconds: float
    error_key: str | None
    practice: tuple[int, int] | None  # right and all
    may_retry: bool
    expected_s: float | None  # until its end, of one that is queued
    photos_gone: int = 0  # that it learnt from and that were deleted since; looked up for one group alone

    @property
    def active(self) -> bool:
        return self.state in ACTIVE_STATES


@dataclass(frozen=True)
class JobsNow:
    """The trainings of one class, those at work first, then the newest."""

    counts: JobCounts
    lines: tuple[JobLine, ...]


@dataclass(frozen=True)
class IPadLine:
    """One iPad of a group. `number`, from 1, stays the same while no other comes or goes."""

    number: int
    silent_s: float
    here: bool
    page: str
    unsent: int
    failed: int
    cannot_send: bool
    camera: CameraTrouble | None


@dataclass(frozen=True)
class StaffPhoto:
    """A group's photo as facilitators see it."""

    id: str
    label_id: str
    state: PhotoState


@dataclass(frozen=True)
class GroupDesk:
    """All that is to be seen and mended of one group."""

    group: GroupView
    help: GroupHelp
    photos: tuple[StaffPhoto, ...]  # newest first
    ipads: tuple[IPadLine, ...]
    said: SaidNow | None
    waits: StaffSentence | None


@dataclass(frozen=True)
class PartNow:
    """A part that a class needs: database, blobs, queue, intake, ml_core."""

    name: str
    works: bool


@dataclass(frozen=True)
class ServerNow:
    """A server of the compute tier; `device` is empty where it does not answer."""

    address: str
    device: str


@dataclass(frozen=True)
class PhotoView:
    id: str
    label_id: str
    taken_at: dt.datetime


@dataclass(frozen=True)
class PhotoAlbum:
    """All that the collect page needs, in one read."""

    labels: tuple[LabelView, ...]
    counts: dict[str, int]  # by label id
    photos: tuple[PhotoView, ...]  # newest first
    can_undo: bool


@dataclass(frozen=True)
class TakenPhoto:
    """What became of a photo; false when it was there already. `wanted`: the label that needs photos."""

    fresh: bool
    advice: AdviceKind | None = None
    wanted: LabelView | None = None

    def __bool__(self) -> bool:
        return self.fresh


@dataclass(frozen=True)
class TrainingReadiness:
    """Whether the big button works, and what is missing when it does not."""

    labels: tuple[LabelView, ...]
    counts: dict[str, int]  # by label id
    # Every label that has too few, and how many more, the nearest to enough first; empty once two have
    # enough: the AI can learn then, and what it lacks its score will say.
    missing: tuple[tuple[LabelView, int], ...]
    phase_open: bool  # the phase and the round's clock let the group train
    trainings_left: int | None = None  # in this round; None: as many as it likes

    @property
    def ready(self) -> bool:
        return self.phase_open and not self.missing and self.trainings_left != 0


@dataclass(frozen=True)
class Journey:
    """How far a group has come: what the path of steps shows."""

    photos_ready: bool
    versions: int  # models that were trained to the end


@dataclass(frozen=True)
class GroupNow:
    """A group at this moment, as far as a page shows it; another `mark` says that something of it changed."""

    page: str
    phase: Phase
    epoch: int
    mark: str
    clock: RoundClock
    lent: str = ""  # as in a LentAi, on the page that has it

    @property
    def time_up(self) -> bool:
        """No more photos and no more training, by the phase or by the clock of the round."""
        return self.phase == Phase.FINAL or self.clock.left_s == 0

    @property
    def may_work(self) -> bool:
        """Are photos and trainings taken at this moment?"""
        return self.phase == Phase.COLLECT and not self.time_up and not self.clock.paused


@dataclass(frozen=True)
class RunView:
    """A run as its group may see it: nothing of the final half."""

    id: str
    version: int
    state: RunState
    stage: RunStage
    progress: float
    place: int  # runs before it; 0 when its turn has come
    photos: int
    photos_by_label: dict[str, int]
    error_key: str | None
    requested_at: dt.datetime
    finished_at: dt.datetime | None
    practice_correct: int | None
    practice_total: int | None
    curve: tuple[CurvePoint, ...]
    confusion: dict[str, dict[str, int]]  # practice half: true label id -> guessed label id -> photos
    left_out: int = 0  # photos not trained on, because they are of the challenge
    tells_seen: bool = False  # this one's result says that to the children: nothing had said it before

    @property
    def active(self) -> bool:
        return self.state in ACTIVE_STATES

    @property
    def most_mixed_up(self) -> tuple[str, str, int] | None:
        """(true label id, guessed label id, photos) of the commonest mistake; None when there is none."""
        mistakes = [
            (count, true, guess)
            for true, row in self.confusion.items()
            for guess, count in row.items()
            if true != guess and count
        ]
        if not mistakes:
            return None
        count, true, guess = max(mistakes)
        return true, guess, count

    @property
    def seconds(self) -> float | None:
        """From the tap to the result."""
        return (self.finished_at - self.requested_at).total_seconds() if self.finished_at else None


@dataclass(frozen=True)
class BoardRow(_Animal):
    """`rank` is None for a group without a run."""

    group_id: str
    name_ja: str
    name_en: str
    emoji: str
    color: str
    rank: int | None
    photos: int
    runs: int
    practice_correct: int | None
    practice_total: int | None
    final_correct: int | None
    final_total: int | None
    practice_rank: int | None = None  # by the practice half, also where `rank` is that of the final half

    def score(self, half: Half) -> tuple[int, int] | None:
        """(right, all) of a half; None without a run, or where that half is hidden."""
        correct, total = (
            (self.final_correct, self.final_total)
            if half is Half.FINAL
            else (self.practice_correct, self.practice_total)
        )
        return (correct, total) if correct is not None and total is not None else None


@dataclass(frozen=True)
class Board:
    event_name: str
    phase: Phase
    rows: tuple[BoardRow, ...]  # best first; unranked groups last
    final_number: int = 0  # of the final that was written down; 0: none, 2 and more: groups had seen one


@dataclass(frozen=True)
class GroupReveal:
    """What a group may see of the final at this moment: `own` once it has been on the screen, `board` when
    the show is over. `last`: nobody is behind, and somebody before.
    """

    own: BoardRow | None = None
    last: bool = False
    board: Board | None = None


@dataclass(frozen=True)
class Animal(_Animal):
    """What is left of a group once its rows are gone."""

    emoji: str
    color: str
    name_ja: str
    name_en: str


@dataclass(frozen=True)
class Farewell:
    """What an iPad may be told whose cookie opens nothing any more. `animal`: its group's, where the cookie
    says so; `own`: its row in the final, where one was made; `last`: as in a GroupReveal.
    """

    why: Ending
    animal: Animal | None = None
    own: BoardRow | None = None
    last: bool = False


@dataclass(frozen=True)
class RunScore:
    """One version of a group with both halves; for facilitators alone."""

    run_id: str
    version: int
    practice_correct: int
    practice_total: int
    final_correct: int
    final_total: int


@dataclass(frozen=True)
class ShowNow:
    """Where the show is, the same on every screen; another `mark` says that something of it changed.

    Before the reveal it stands at its first step and has shown nobody, after the class it is over.
    """

    step: int
    steps: int
    scene: str
    shown_group_ids: tuple[str, ...]  # their final rank has been on the screen
    automatic: bool
    over: bool
    mark: str


@dataclass(frozen=True)
class Place:
    """A group's moment in the show: its line of the final board."""

    row: BoardRow
    tied: bool  # another group has the same final rank


@dataclass(frozen=True)
class HardPhoto:
    """A challenge photo that most AIs took for something else; `guesses`: for what, and how many AIs."""

    photo_id: str
    label: LabelView
    wrong: int
    guesses: tuple[tuple[LabelView, int], ...]  # the commonest first


@dataclass(frozen=True)
class MixUp:
    """How often the AIs said `guess` to photos of `label`, right answers too."""

    label: LabelView
    guess: LabelView
    count: int


@dataclass(frozen=True)
class Hardest:
    """What the counted AIs got wrong in the final half. Without photos nobody got anything wrong."""

    ais: int
    photos: tuple[HardPhoto, ...]
    mixed: tuple[MixUp, ...]  # every pair of labels, in the class's order


@dataclass(frozen=True)
class ShowStory:
    """All that the show tells; `scenes` step by step, `places` from the last to the first."""

    scenes: tuple[Scene, ...]
    places: tuple[Place, ...]
    awards: tuple[Award, ...]
    hardest: Hardest


@dataclass(frozen=True)
class ScreenNow:
    """What every screen of a class goes by at this moment.

    `mark` has two parts with a dot between: another first one is to be drawn at once, another second one
    (photos were taken) may wait for a moment.
    """

    phase: Phase
    mark: str
    show: ShowNow
    clock: RoundClock
    dark: bool  # the screen is dark, for a darkened room
    pace_s: float | None  # seconds a step, where the show goes on by itself
    swaps: bool = False  # a swap round is on


@dataclass(frozen=True)
class Lane:
    """A group in the race: its line of the board, and what it is doing."""

    row: BoardRow
    joined: bool
    training: bool
    versions: tuple[
        tuple[int, int], ...
    ]  # (right, all) of each of its AIs on the practice half, oldest first


@dataclass(frozen=True)
class Born:
    """The newest AI of the class; `before` is its group's best until then, None for its first."""

    row: BoardRow
    version: int
    correct: int
    total: int
    before: int | None
    first: bool  # of the whole class


@dataclass(frozen=True)
class Race:
    """The class while it trains: who leads first, those without an AI by their photos, then the rest."""

    lanes: tuple[Lane, ...]
    photos: int
    runs: int  # AIs trained to the end
    born: Born | None
    baselines: tuple[Baseline, ...]


@dataclass(frozen=True)
class Guess:
    version: int
    unsure: bool
    scores: tuple[tuple[LabelView, float], ...]  # highest first
    variety: float = 0.0  # 0 to 1: of a camera's stream, how much of what looking around takes has been seen
    looked_around: bool = False  # by an AI that has found its feet in the camera's place


@dataclass(frozen=True)
class Explanation:
    """`heat`: one byte a cell, [rows, columns] row by row; 255 where the most spoke for the guess."""

    guess: Guess
    rows: int
    columns: int
    heat: bytes


@dataclass(frozen=True)
class Mistake:
    photo_id: str
    label: LabelView
    guess: LabelView
    p: float  # how sure it was of the wrong guess


@dataclass(frozen=True)
class MistakeReason:
    """`heat`: one byte a cell, [rows, columns] row by row. `nearest`: the group's own photos."""

    rows: int
    columns: int
    heat: bytes
    nearest: tuple[str, ...]


@dataclass(frozen=True)
class SeenPhoto:
    """A group's photo, and the challenge photo that it is the same picture as."""

    photo_id: str
    challenge_id: str


@dataclass(frozen=True)
class AlikePhoto:
    """A challenge photo that looks like another one of its set."""

    photo_id: str
    label_id: str
    half: Half


@dataclass(frozen=True)
class Baseline:
    """How many of a half somebody gets right who is no group. `kind`: coin, teacher."""

    kind: str
    correct: int
    total: int


@dataclass(frozen=True)
class ExpectedScore:
    """Of an AI trained on so many challenge photos of each label, tried on the others."""

    photos_per_label: int
    correct: int
    total: int


@dataclass(frozen=True)
class ExpectedMistake:
    """A challenge photo that an AI, trained on the others, takes for something else."""

    photo_id: str
    label_id: str
    guess_id: str


@dataclass(frozen=True)
class Expectation:
    """What a class's challenge photos let expect, before it begins; for facilitators alone."""

    waiting: bool  # it is being found out
    needed: int  # photos that the label with the fewest still lacks; then there are no scores
    scores: tuple[ExpectedScore, ...] = ()  # the fewest photos first
    chance: float = 0.0  # the share that guessing gets right
    verdict: Verdict | None = None
    mistakes: tuple[ExpectedMistake, ...] = ()  # those that most AIs get wrong first
    one_light: bool = False  # all photos are about equally bright
    one_place: bool = False  # photos of a label are very much alike


@dataclass(frozen=True)
class CheckLine:
    """One thing that has to be there for the day. `good` None: it is being found out."""

    key: str  # of the sentences `ready_{key}` and, where it is not good, `ready_{key}_how`
    good: bool | None
    gigabytes: float | None = None  # that are free on the disk


@dataclass
class RejectedFiles:
    """Files that were not taken for the same reason: how many, and the names of the first few."""

    count: int = 0
    names: list[str] = field(default_factory=list)


@dataclass
class ChallengeUpload:
    """What became of the files. `rejected`: by the key of the reason; a ZIP may hold thousands."""

    added: int = 0
    alike: int = 0  # of those added: how many look like another photo of the set
    rejected: dict[str, RejectedFiles] = field(default_factory=dict)

    def reject(self, name: str, error_key: str) -> None:
        found = self.rejected.setdefault(error_key, RejectedFiles())
        found.count += 1
        if len(found.names) < REJECTED_NAMES:
            found.names.append(name[:REJECTED_NAME_CHARS])

    @property
    def rejected_count(self) -> int:
        return sum(files.count for files in self.rejected.values())


@dataclass(frozen=True)
class Advice:
    """`label_id`: the label that needs photos, for `few` alone."""

    kind: AdviceKind
    label_id: str | None = None


@dataclass(frozen=True)
class DeletionTarget:
    """What to delete. `label`: one label's photos of one group, or of the whole class without `group_id`;
    `photos`: of any groups of the class; `runs`: all AIs of a group. With photos the AIs go that learnt from
    them, unless `keep_models`.
    """

    scope: DeletionScope
    event_id: str
    group_id: str | None = None
    label_id: str | None = None
    photo_id: str | None = None
    photo_ids: tuple[str, ...] = ()  # for several
    keep_models: bool = False


@dataclass(frozen=True)
class Learnt:
    """AIs that learnt from photos which are to be deleted. `counted`: of these, that count in a final."""

    models: int
    counted: int


@dataclass(frozen=True)
class PendingDeletion:
    """A deletion that can still be undone. `counts`: what it took, by kind."""

    id: str
    scope: DeletionScope
    event_id: str
    subject: str
    counts: dict[str, int]
    asked_at: dt.datetime
    due_at: dt.datetime
    group_id: str | None = None  # where it is of one group


@dataclass(frozen=True)
class ReceiptView:
    scope: DeletionScope
    subject: str
    deleted: dict[str, int]
    left: dict[str, int]
    created_at: dt.datetime
    id: str = ""
    accounts: frozenset[str] = frozenset()  # user names whose class it was then

    @property
    def clean(self) -> bool:
        """Nothing is left but what other processes drop from their memory within minutes, by themselves."""
        return self.remains == 0

    @property
    def remains(self) -> int:
        """How much is left that goes only when somebody deletes again."""
        return sum(number for kind, number in self.left.items() if kind not in NO_REST)

    @property
    def waits_for(self) -> int:
        """Other web processes that have not swept their memory since; counted again until there are none."""
        return self.left.get(OTHER_PROCESSES, 0)


@dataclass(frozen=True)
class AuditLine:
    """`kind`: of who; `origin`: a network."""

    at: dt.datetime
    kind: str
    who: str
    did: str
    origin: str
    event_id: str | None
    group_id: str | None


@dataclass(frozen=True)
class ClassEnd:
    """When nothing is taken in any more, and when the class is deleted; None: when somebody does it."""

    ends_at: dt.datetime
    goes_at: dt.datetime | None


@dataclass(frozen=True)
class PurgeReport:
    photos_and_files: int  # past their undo, or without a row
    classes: int
    left: int  # what a recount found of the deleted classes; anything but 0 is a fault
    closed: int  # classes that came to their end since the last time

    def counts(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True)
class Backlog:
    """Work that waits, in the whole database."""

    runs: dict[str, int]  # by state
    oldest_run_s: float  # since the tap; 0 when nothing waits
    photos: dict[str, int]  # without features yet, by kind


@dataclass(frozen=True)
class Problem:
    """Something that must hold and does not. `subject`: an id or the key of a file; no name of anybody."""

    kind: ProblemKind
    subject: str

    @property
    def repairable(self) -> bool:
        return self.kind in REPAIRABLE


@dataclass(frozen=True)
class IntegrityReport:
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        return not self.problems

    def counts(self) -> dict[ProblemKind, int]:
        """How many of each kind; kinds without any are left out."""
        return dict(Counter(problem.kind for problem in self.problems))


@dataclass(frozen=True)
class ContestRules:
    """The rules of a class's contest. `trainings_max`: of a group in a round; None: no limit."""

    counted: CountedRun
    trainings_max: int | None
    freeze_minutes: int
    tie_break: bool


@dataclass(frozen=True)
class ClassPlan:
    """What a class is made of, without anything that happened in it: to be kept as a file, and made again."""

    name: str
    labels: tuple[NewLabel, ...]
    groups: tuple[GroupTemplate, ...]  # with the names that they have here
    faces: FaceRule
    show_practice: bool = True
    rules: ContestRules = ContestRules(CountedRun.BEST, None, FREEZE_MINUTES, tie_break=False)


def rule_sentences(rules: ContestRules, *, timed: bool) -> list[tuple[str, dict[str, int]]]:
    """The rules as keys of sentences for children, each with its numbers. `timed`: the round has an end."""
    found: list[tuple[str, dict[str, int]]] = [(f"rule_counted_{rules.counted}", {})]
    if rules.trainings_max is not None:
        found.append(("rule_trainings", {"number": rules.trainings_max}))
    found.append(("rule_ties_broken" if rules.tie_break else "rule_ties_shared", {}))
    if timed:
        found.append(("rule_zero", {}))
        if rules.freeze_minutes:
            found.append(("rule_freeze", {"number": rules.freeze_minutes}))
        found.append(("rule_late", {}))
    return found


@dataclass(frozen=True)
class RoundClock:
    """By the server's time. `left_s` None: no time box; 0.0: time is up."""

    left_s: float | None
    paused: bool
    frozen: bool


@dataclass(frozen=True)
class Award:
    """`kind`: an AwardKind; `figure`: what it was won with, in numbers alone."""

    kind: str
    group_ids: tuple[str, ...]
    figure: str


@dataclass(frozen=True)
class Difference:
    """Something that was written down and does not come out of a recount. `group_id` None: of the class."""

    what: str
    written: str
    counted: str
    group_id: str | None = None


@dataclass(frozen=True)
class Recount:
    """A class's board, counted again from what the AIs said of each challenge photo."""

    event_id: str
    event_name: str
    final_number: int  # 0: nothing is written down yet, and the board as it is was counted
    rows: tuple[BoardRow, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class MixUpCount:
    """How often AIs took things of one label for another."""

    label: LabelView
    guess: LabelView
    times: int


@dataclass(frozen=True)
class LentAi:
    """Another group's AI, which a group tries in a swap round. `word`: another one for another AI, and after
    a reset of the other group; `fooled`: things with which it fooled others' AIs; `own_fooled`: what its own
    AIs were taken in by, the most often first.
    """

    word: str
    owner: Animal
    fooled: int
    own_fooled: tuple[MixUpCount, ...]


@dataclass(frozen=True)
class SwapLine:
    """Who tries whose AI, and how often it has fooled that group's; None: nobody else has an AI."""

    finder: Animal
    owner: Animal | None
    fooled: int


@dataclass(frozen=True)
class SwapNow:
    """A class's swap round. `turn`: None while there is none; `able`: groups with an AI; `fooled`: in
    all turns together; `newest`: what an AI was fooled by last.
    """

    turn: int | None
    able: int
    lines: tuple[SwapLine, ...]
    fooled: int
    newest: MixUpCount | None = None


@dataclass(frozen=True)
class FoolTold:
    """What is said to a group that fooled an AI; `fooled`: how often it has in all."""

    check: FoolCheck
    fooled: int
