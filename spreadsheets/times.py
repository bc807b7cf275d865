"""Times of day in cells, with their halves of a day and their zones."""

from __future__ import annotations

from datetime import UTC, time, timedelta, timezone

#: Before and after noon, as a pattern.
HALVES = r"a\.?\s?m\.?|p\.?\s?m\.?|vorm\.?|nachm\.?|dop\.|odp\.|pop\.|fm|em|π\.?μ\.?|μ\.?μ\.?"
_AFTERNOON = ("p", "nachm", "odp", "pop", "em", "μ")
# Names of zones that are one offset everywhere: RFC 5322, 4.3, and those of Europe in English and German, in hours.
ZONES = {
    "z": 0,
    "utc": 0,
    "gmt": 0,
    "wet": 0,
    "wez": 0,
    "west": 1,
    "wesz": 1,
    "cet": 1,
    "mez": 1,
    "cest": 2,
    "mesz": 2,
    "eet": 2,
    "oez": 2,
    "eest": 3,
    "oesz": 3,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
}


def time_of(text: str, half: str | None, zone: str | None) -> time | None:
    """Return a time of day, aware where a zone is named; None where there is no such time."""
    hour, minute, *rest = text.replace(",", ".").split(":")
    second, _point, fraction = (rest[0] if rest else "0").partition(".")
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half.casefold().startswith(_AFTERNOON) else 0) if 1 <= hours <= 12 else 24
    try:
        return time(hours, int(minute), int(second), int(f"{fraction:0<6}"[:6]), _zone(zone))
    except ValueError:
        return None


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    text = text.casefold()
    if text in ZONES:
        return timezone(timedelta(hours=ZONES[text])) if ZONES[text] else UTC
    sign, figures = text.lstrip("gmtuc")[0], text.lstrip("gmtuc+-")
    # Before zones were agreed on, towns went by the sun: Berlin by +00:53:28.
    parts = (
        [int(part) for part in (figures.split(":") if ":" in figures else (figures[:-2], figures[-2:]))]
        if len(figures) > 2
        else [int(figures)]
    )
    hours, minutes, seconds = (*parts, 0, 0)[:3]
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-offset if sign == "-" else offset)
