"""What clients were told is kept, beside what is stored: what differs was lost, doubled or left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from classroom_app.data.blob_keys import thumb_key

Rows = list[tuple[object, ...]]


@dataclass
class Ledger:
    """Ids of photos that were answered as saved, and of runs that were begun."""

    photos: set[str] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)

    def problems(self, ask: Callable[[str], Rows], files: Iterable[str]) -> list[str]:
        """Empty when every photo and every run is there once and whole, and nothing else is."""
        there = {str(photo): str(key) for photo, key in ask("SELECT id, blob_key FROM photos")}
        keys = [*there.values(), *(str(key) for (key,) in ask("SELECT blob_key FROM challenge_photos"))]
        pictures = {*keys, *map(thumb_key, keys)}
        runs = {str(run): str(state) for run, state in ask("SELECT id, state FROM runs")}
        results = Counter(str(run) for (run,) in ask("SELECT run_id FROM run_results"))
        models = {str(key) for (key,) in ask("SELECT model_key FROM run_results")}
        stored = set(files)
        return [
            *(f"photo lost: {photo}" for photo in self.photos - set(there)),
            *(f"photo that nobody sent: {photo}" for photo in set(there) - self.photos),
            *(f"file lost: {key}" for key in (pictures | models) - stored),
            *(f"file of nobody: {key}" for key in stored - pictures - models),
            *(f"run lost: {run}" for run in self.runs - set(runs)),
            *(f"run that nobody began: {run}" for run in set(runs) - self.runs),
            *(f"run {state}: {run}" for run, state in runs.items() if state != "done"),
            *(f"{results[run]} results: {run}" for run in runs if results[run] != 1),
            *_holes(ask("SELECT group_id, version FROM runs ORDER BY group_id, version")),
        ]


def _holes(rows: Rows) -> list[str]:
    versions: dict[object, list[object]] = {}
    for group, version in rows:
        versions.setdefault(group, []).append(version)
    wrong = [numbers for numbers in versions.values() if numbers != list(range(1, len(numbers) + 1))]
    return [f"versions with holes: {numbers}" for numbers in wrong]
