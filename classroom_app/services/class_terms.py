"""When a class ends and when it is deleted: as its row says, within the settings. Reckoned here alone.

Knows nothing of who asks, and deletes nothing.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Final

from classroom_app.data.tables import Event
from classroom_app.errors import BadInputError
from classroom_app.settings import Settings
from classroom_app.views.classes import ClassEnd

CLASS_DAYS_MAX: Final = 366
_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class ClassTerms:
    """`lasts`: from the making of a class to its end, unless somebody sets another. `keep`: from its end to
    its deletion, the longest that a class may choose; zero: it stays until somebody deletes it.
    """

    lasts: dt.timedelta
    keep: dt.timedelta

    @classmethod
    def of(cls, settings: Settings) -> ClassTerms:
        return cls(dt.timedelta(days=settings.class_days), dt.timedelta(days=settings.keep_closed_days))

    @property
    def keep_days_max(self) -> int:
        """Whole days that a class may choose; 0: none, for the settings leave less than a day."""
        return min(math.floor(self.keep / _DAY), CLASS_DAYS_MAX) if self.keep else CLASS_DAYS_MAX

    def keep_days(self, event: Event) -> int | None:
        """What the class has chosen, as far as it holds: the settings may allow less than when it did. None:
        as long as the settings say.
        """
        if event.keep_days is None or event.keep_days > self.keep_days_max:
            return None
        return event.keep_days

    def checked(self, days: int | None) -> int | None:
        """Raises BadInputError `class_keep_wrong`."""
        if days is not None and not 1 <= days <= self.keep_days_max:
            raise BadInputError("class_keep_wrong", number=self.keep_days_max)
        return days

    def end(self, event: Event) -> ClassEnd:
        """A class of a release that gave it no end has one too."""
        ends_at = event.ends_at or event.created_at + self.lasts
        days = self.keep_days(event)
        keep = self.keep if days is None else days * _DAY
        return ClassEnd(ends_at, ends_at + keep if keep else None, days)
