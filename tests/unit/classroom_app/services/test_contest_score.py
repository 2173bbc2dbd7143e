"""What a score of the contest is made of."""

from __future__ import annotations

from classroom_app.services import contest_score
from classroom_app.services.training.records import ChallengeAnswer
from classroom_app.states import Half


def answer(photo: str, guess: str, *, unsure: bool) -> ChallengeAnswer:
    return ChallengeAnswer(photo, Half.FINAL, "apple", guess, 0.4, unsure)


def test_i_dont_know_costs_no_point_and_gives_none() -> None:
    given = [
        answer("1", "apple", unsure=True),
        answer("2", "apple", unsure=False),
        answer("3", "pear", unsure=True),
        answer("4", "pear", unsure=False),
    ]
    assert contest_score.right(given, Half.FINAL) == 2
    assert contest_score.asked(given, Half.FINAL) == 4
    assert contest_score.right(given, Half.PRACTICE) == 0
