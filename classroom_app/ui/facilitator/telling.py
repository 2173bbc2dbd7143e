"""An error in the words of grown-ups."""

from __future__ import annotations

from classroom_app.errors import ClassroomError
from classroom_app.ui.texts import t_kanji


def sentence(error: ClassroomError) -> str:
    return t_kanji(error.key, **error.params)
