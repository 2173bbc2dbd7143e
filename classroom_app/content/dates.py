"""Days and times as grown-ups read them: in words, 24 hours, by the clock of the place where the app runs."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from classroom_app.content import i18n

_zones: dict[str, dt.tzinfo] = {}
_HERE = "here"


def live_in(zone: str) -> None:
    """From now on `local` is this zone, such as Asia/Tokyo; empty: this computer's own."""
    _zones.clear()
    if zone:
        _zones[_HERE] = ZoneInfo(zone)


def local(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(_zones.get(_HERE))


def time_words(moment: dt.datetime) -> str:
    """The time alone, such as 23:59."""
    return f"{local(moment):%H:%M}"


def day_words(moment: dt.datetime, lang: str, *, year: bool = False) -> str:
    """Such as 12月4日（金） or Friday 4 December; another year than the one we are in is always said."""
    here = local(moment)
    weekday = _names("date_weekdays", lang)[here.weekday()]
    month = _names("date_months", lang)[here.month - 1]
    said = {"weekday": weekday, "day": here.day, "month": month}
    if year or here.year != local(dt.datetime.now(dt.UTC)).year:
        return i18n.t_kanji("date_day_of_year", lang, **said, year=here.year)
    return i18n.t_kanji("date_day", lang, **said)


def moment_words(moment: dt.datetime, lang: str, *, year: bool = False, seconds: bool = False) -> str:
    """The day and the time, such as 12月4日（金）23:59 or Friday 4 December, 23:59."""
    time = f"{local(moment):%H:%M:%S}" if seconds else time_words(moment)
    return i18n.t_kanji("date_moment", lang, day=day_words(moment, lang, year=year), time=time)


def last_minute(day: dt.date) -> dt.datetime:
    """23:59 of this day where the app runs."""
    end = dt.datetime.combine(day, dt.time(23, 59))
    zone = _zones.get(_HERE)
    return end.astimezone() if zone is None else end.replace(tzinfo=zone)


def _names(key: str, lang: str) -> list[str]:
    return i18n.t_kanji(key, lang).replace("、", ", ").split(", ")
