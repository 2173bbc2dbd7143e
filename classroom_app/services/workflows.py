"""What services that delete and check ask of the queue of runs.

Knows nothing of how it works (`training/queue.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol


class Workflows(Protocol):
    def workflows(self) -> Collection[str]:
        """The ids of all runs in the queue, done ones too."""
        ...

    def is_executor(self) -> bool:
        """Whether this process works on runs; a command that only deletes does not."""
        ...

    def forget(self, run_ids: Sequence[str]) -> int:
        """Drop what the queue holds of these runs; how many of them are left."""
        ...
