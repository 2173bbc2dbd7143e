"""Certificates that end soon are named in time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from classroom_app.compute.expiry import WARN_DAYS, ends_soon
from classroom_app.onsite.tier_certificates import make_certificates

NAMES = ["ml.classroom.internal"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certs")
    make_certificates(folder, NAMES, days=30, ca_days=365)
    return folder


@pytest.mark.parametrize(
    ("later_days", "named"),
    [
        (0, []),
        (30 - WARN_DAYS - 1, []),
        (30 - WARN_DAYS + 1, ["client.pem"]),
        (360, ["ca.pem", "client.pem"]),
    ],
)
def test_what_ends_within_the_warning_is_named(made: Path, later_days: float, named: list[str]) -> None:
    now = dt.datetime.now(dt.UTC) + dt.timedelta(days=later_days)
    found = ends_soon([made / "ca.pem", made / "client.pem"], now)
    assert [name for name, _ in found] == named
    assert all(left < WARN_DAYS for _, left in found)


def test_no_certificate_in_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(ValueError, match="PEM"):
        ends_soon([tmp_path / "empty.pem"], dt.datetime.now(dt.UTC))
