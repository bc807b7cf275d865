"""On which scale a file's scores are, as far as its headers, its numbers and earlier answers tell: proposed, never assumed."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.models import FeedbackItem
from feedback.scale import as_given, position
from feedback.scale_titles import told_scales
from registers.columns import Numbers, Question
from spreadsheets.headers import normalize_header

#: Words of headers over numbers of which the lowest is best, and over ones of which the highest is.
LOWEST_IS_BEST = frozenset(
    (*("note", "noten", "schulnote", "schulnoten", "gesamtnote", "rang", "rangfolge", "platz", "ppm"),
     *("mark", "marks", "grade", "grades", "rank", "ranking"))
)  # fmt: skip
HIGHEST_IS_BEST = frozenset(
    (*("score", "rating", "stars", "star", "points", "nps", "recommend", "recommendation", "satisfaction", "satisfied"),
     *("bewertung", "sterne", "punkte", "punktzahl", "weiterempfehlung", "empfehlung", "zufriedenheit", "zufrieden"))
)  # fmt: skip
#: School marks of German speakers.
MARKS = (Decimal(1), Decimal(6))
#: The scales that answers are given on, the likeliest first.
USUAL = tuple((Decimal(low), Decimal(high)) for low, high in ((1, 5), (0, 10), (1, 10), (0, 100)))
_RANGE = re.compile(r"(?<!\d)(\d{1,3})\s*(?:-|–|—|bis|to|\.{2,3}|…)\s*(\d{1,3})(?!\d)")


class Proposal(NamedTuple):
    """A scale: its lowest and highest number, and whether the highest is best; None where nothing tells."""

    low: Decimal | None
    high: Decimal | None
    higher_is_better: bool | None


def proposal(numbers: Numbers) -> Proposal:
    """Return what the organization's last answer to the same question, the headers and the numbers tell of a scale."""
    if earlier := _earlier(numbers):
        return earlier
    if told := _told(numbers):
        return told
    words = {word for header in numbers.headers for word in normalize_header(header).split()}
    low, high = _ends(numbers, words)
    if words & LOWEST_IS_BEST:
        return Proposal(low, high, False)
    if words & HIGHEST_IS_BEST or low == 0:
        return Proposal(low, high, True)
    # Whether five or one is best, no number says; six steps are marks.
    return Proposal(low, high, False if (low, high) == MARKS else None)


def _told(numbers: Numbers) -> Proposal | None:
    """Return the scale that a title or legend tells, where the numbers fit it and their headers tell no other."""
    if any(_RANGE.search(header) or "%" in header for header in numbers.headers):
        return None
    fitting = (scale for scale in told_scales(numbers.beside) if scale.low <= numbers.low <= numbers.high <= scale.high)
    return next((Proposal(*scale) for scale in fitting), None)


def _earlier(numbers: Numbers) -> Proposal | None:
    """Return the scale of the last answer to one of the questions, where the numbers fit it."""
    asked = [numbers.said["question"]] if numbers.said.get("question") else list(numbers.headers)
    item = FeedbackItem.objects.current().scored().filter(question__in=asked).order_by("-pk").first()
    if item is None or not item.scale_min <= numbers.low <= numbers.high <= item.scale_max:
        return None
    return Proposal(item.scale_min, item.scale_max, item.higher_is_better)


def _ends(numbers: Numbers, words: set[str]) -> tuple[Decimal | None, Decimal | None]:
    written = [
        (Decimal(low), Decimal(high)) for header in numbers.headers for low, high in _RANGE.findall(header.casefold())
    ]
    marks = [MARKS] if words & LOWEST_IS_BEST or numbers.high == MARKS[1] else []
    shares = [(Decimal(0), Decimal(1))] if numbers.high <= 1 and numbers.low % 1 else []
    percent = [USUAL[3]] if any("%" in header for header in numbers.headers) or words & {"prozent", "percent"} else []
    zero = [USUAL[1]] if words & {"nps", "recommend", "weiterempfehlung"} else []
    fitting = (
        each
        for each in (*written, *shares, *percent, *marks, *zero, *USUAL)
        if each[0] <= numbers.low <= numbers.high <= each[1]
    )
    return next(fitting, (None, None))


def _lowest(numbers: Numbers) -> str:
    low = proposal(numbers).low
    return "" if low is None else as_given(low)


def _highest(numbers: Numbers) -> str:
    high = proposal(numbers).high
    return "" if high is None else as_given(high)


def _best_end(numbers: Numbers) -> str:
    return {True: "yes", False: "no", None: ""}[proposal(numbers).higher_is_better]


def _comes_to(numbers: Numbers, answer: str) -> str:
    """Return what the numbers' mean comes to if the highest, or the lowest, is best; empty where the ends aren't known."""
    try:
        low, high = Decimal(numbers.said["scale_min"]), Decimal(numbers.said["scale_max"])
    except (KeyError, ArithmeticError):
        return ""
    found = position(numbers.mean, low, high, higher_is_better=answer == "yes")
    if found is None:
        return ""
    best = as_given(high if answer == "yes" else low)
    return _("%(best)s is best: together %(share)s %% of the scale") % {"best": best, "share": f"{found:.1f}"}


#: How an import asks for each end of a scale and for its best one.
QUESTIONS = {
    "scale_min": Question(_lowest, gettext_lazy("The lowest number of the scale")),
    "scale_max": Question(_highest, gettext_lazy("The highest number of the scale")),
    "higher_is_better": Question(
        _best_end,
        gettext_lazy("Which end of the scale is best"),
        {"yes": gettext_lazy("the highest number is best"), "no": gettext_lazy("the lowest number is best")},
        _comes_to,
    ),
}
