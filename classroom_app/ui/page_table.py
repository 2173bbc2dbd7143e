"""The one table of pages: its address, who may open it, its file. The entry script, the guard and the paths
that are open read it; a page that is not here does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[2] / "pages"


class Audience(StrEnum):
    """Whose cookie opens a page."""

    ANYBODY = "anybody"
    GROUP = "group"
    FACILITATOR = "facilitator"
    PROJECTOR = "projector"


@dataclass(frozen=True)
class PageSpec:
    """`name` is the page's address and the name of its file."""

    name: str
    audience: Audience

    @property
    def behind_door(self) -> bool:
        """Not there at the class's door, where facilitators have one of their own."""
        return self.audience is Audience.FACILITATOR or self.name == "login"

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.name}.py"


HOME: Final = PageSpec("home", Audience.ANYBODY)  # the address without a page
PAGES: Final = (
    HOME,
    PageSpec("join", Audience.ANYBODY),
    PageSpec("collect", Audience.GROUP),
    PageSpec("train", Audience.GROUP),
    PageSpec("play", Audience.GROUP),
    PageSpec("results", Audience.GROUP),
    PageSpec("mistakes", Audience.GROUP),
    PageSpec("login", Audience.ANYBODY),
    PageSpec("facilitator", Audience.FACILITATOR),
    PageSpec("group", Audience.FACILITATOR),
    PageSpec("jobs", Audience.FACILITATOR),
    PageSpec("reset", Audience.FACILITATOR),
    PageSpec("accounts", Audience.FACILITATOR),
    PageSpec("audit", Audience.FACILITATOR),
    PageSpec("privacy", Audience.ANYBODY),
    PageSpec("projector", Audience.PROJECTOR),
)
OF_STAFF: Final = frozenset(page.name for page in PAGES if page.audience is Audience.FACILITATOR)
_BY_NAME: Final = {page.name: page for page in PAGES}


def page(name: str) -> PageSpec:
    """The page of this address, which is empty for the first one. Raises KeyError."""
    return _BY_NAME[name or HOME.name]
