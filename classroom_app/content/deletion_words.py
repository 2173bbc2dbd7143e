"""What a deletion takes, in one sentence: before it, and on its receipt. Knows nothing of who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from classroom_app.content import i18n
from classroom_app.states import DeletionScope

_TOLD: Final = ("photos", "challenge_photos", "groups", "results")


def goes(scope: DeletionScope, counts: Mapping[str, int], lang: str) -> str:
    """`counts`: what a deletion would take, by kind."""
    return _sentence("re_gone", scope, counts, lang)


def went(scope: DeletionScope, counts: Mapping[str, int], lang: str) -> str:
    """`counts`: what it took, by kind."""
    return _sentence("re_went", scope, counts, lang)


def _sentence(key: str, scope: DeletionScope, counts: Mapping[str, int], lang: str) -> str:
    ends = {DeletionScope.RUNS: "_runs", DeletionScope.EVENT: "_event"}
    end = ends.get(scope, "" if counts.get("results") else "_photos")
    return i18n.t_kanji(f"{key}{end}", lang, **{kind: counts.get(kind, 0) for kind in _TOLD})
