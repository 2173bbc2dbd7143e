"""No cell of a CSV is a formula, whatever somebody called a class."""

from __future__ import annotations

import csv
import io

import pytest

from classroom_app.web.routes.csv_table import csv_table


def cells(*values: object) -> list[str]:
    [row] = csv.reader(io.StringIO(csv_table([values]).decode("utf-8-sig"), newline=""))
    return row


@pytest.mark.parametrize("begin", [*"=+-@", *"＝＋－＠", "\t", "\r", "\n", "\t="])  # full width is meant
def test_what_a_spreadsheet_would_run_is_text(begin: str) -> None:
    for place in range(3):
        row = ["5の2", "りんご", "写真"]
        row[place] = f"{begin}1+1"
        assert cells(*row)[place] == f"'{begin}1+1"


def test_ordinary_cells_stay_what_they_are() -> None:
    assert cells("5の2 / 🍎 りんご", -3, 0, "a=b") == ["5の2 / 🍎 りんご", "-3", "0", "a=b"]
    assert csv_table([("a",)]).startswith(b"\xef\xbb\xbf")
