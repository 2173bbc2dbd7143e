"""The rules of a contest, a sentence each: whatever they are, children can be told them."""

from __future__ import annotations

import itertools

import pytest

from classroom_app.content import i18n
from classroom_app.states import CountedRun
from classroom_app.views import ContestRules, rule_sentences

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
