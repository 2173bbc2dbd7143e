"""What views say of themselves: the rules of a contest, a sentence each; what an iPad tells."""

from __future__ import annotations

import itertools

import pytest

from classroom_app.content import i18n
from classroom_app.states import CameraTrouble, CountedRun
from classroom_app.views.classes import ContestRules, rule_sentences
from classroom_app.views.console import IPadWord

ALL_RULES = [
    ContestRules(*values) for values in itertools.product(CountedRun, (None, 5), (0, 3), (False, True))
]


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize("rules", ALL_RULES)
def test_every_rule_has_one_sentence_that_tells_its_numbers(rules: ContestRules, lang: str) -> None:
    found = rule_sentences(rules, timed=True)
    words = [i18n.t(key, lang, **numbers) for key, numbers in found]
    assert len(set(words)) == len(words) == 4 + (rules.trainings_max is not None) + bool(rules.freeze_minutes)
    assert ("5" in "".join(words)) == (rules.trainings_max == 5)
    assert ("3" in "".join(words)) == (rules.freeze_minutes == 3)


def test_without_an_end_nothing_is_said_of_it() -> None:
    rules = ContestRules(CountedRun.BEST, None, 3, tie_break=False)
    assert [key for key, _ in rule_sentences(rules, timed=False)] == ["rule_counted_best", "rule_ties_shared"]


def test_an_ipad_is_heard_with_all_that_it_says() -> None:
    said = {
        "ipad": "a",
        "unsent": 2,
        "cannot_send": True,
        "page": "collect",
        "failed": 3,
        "camera": "denied",
        "clock_ms": 5,
        "more": 1,
    }
    word = IPadWord.told(said)
    assert word == IPadWord("a", 2, True, "collect", 3, CameraTrouble.DENIED, clock_ms=5)
    assert IPadWord.told({"ipad": "a", "unsent": 0}) == IPadWord("a"), "of the release before"


@pytest.mark.parametrize(
    "odd",
    [
        {"page": 1, "failed": "2"},
        {"failed": True, "camera": "broken"},
        {"camera": ["denied"]},
        {"clock_ms": 1.5},
    ],
)
def test_what_else_it_says_oddly_counts_as_unsaid(odd: dict[str, object]) -> None:
    assert IPadWord.told({"ipad": "a", "unsent": 1, **odd}) == IPadWord("a", 1)


@pytest.mark.parametrize(
    "said", [None, "word", [], {}, {"ipad": "a"}, {"ipad": 1, "unsent": 1}, {"ipad": "a", "unsent": True}]
)
def test_who_says_nothing_of_itself_is_no_ipad(said: object) -> None:
    assert IPadWord.told(said) is None
