"""A chart that is built and checked by Altair once, and then filled with rows: that takes it up to a seventh
of a second of a processor, during which no page of an iPad runs. Knows no chart by name.
"""

from __future__ import annotations

import copy
from typing import Any, Final

import altair as alt
import pandas as pd

Specification = dict[str, Any]  # of Vega-Lite

_NAME: Final = "rows"
ROWS: Final = alt.NamedData(_NAME)  # what a chart that is filled later is made of


def of(chart: alt.LayerChart) -> Specification:
    """Without rows. The sizes of Altair's own theme are left out. Altair has one theme for all threads, so
    it is not changed for this one.
    """
    found: Specification = chart.to_dict()
    for side in ("continuousWidth", "continuousHeight"):
        found["config"]["view"].pop(side, None)
    return found


def filled(drawn: Specification, rows: pd.DataFrame) -> Specification:
    """The chart with these rows, for `st.vega_lite_chart`; `drawn` itself stays as it is."""
    return {**copy.deepcopy(drawn), "datasets": {_NAME: rows}}
