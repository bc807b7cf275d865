"""The table of scores as plain values: a row a question, a column of all, and one a segment, product or source.

Every cell has its own people and interval. Where people are too few there is no interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.respondents import Instrument
from feedback.score_judgement import reaches
from feedback.scores import Line, Score
from organizations.models import Targets


@dataclass(frozen=True)
class Cell:
    """A score as it is shown.

    Attributes:
        value: the mean, or the net promoter score; empty where nobody answered.
        people: from how many it is.
        interval: its ends in words; empty where people are too few.
        at, low, high: where it is drawn, from 0 to 100; the ends are None where people are too few.
        missed: whether it misses the target.
        url: the list of exactly the answers behind it.
    """

    value: str
    people: str
    interval: str
    at: float | None
    low: float | None
    high: float | None
    missed: bool
    url: str


@dataclass(frozen=True)
class TableRow:
    """A question's cells, that of all first.

    Attributes:
        name: the question.
        scale: its scale, or that it is a net promoter score.
        url: the page about this question alone.
        target: where the target is drawn, from 0 to 100; None for net promoter scores.
    """

    name: str
    scale: str
    url: str
    cells: tuple[Cell, ...]
    target: float | None


@dataclass(frozen=True)
class ScoreTable:
    """The rows, and the names of their columns without that of all."""

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    more: int


#: Gives the address of the answers to a question: of a part unless its name is empty, of recommendations alone if so asked.
Rows = Callable[[Instrument, str, bool], str]


def score_table(
    lines: Sequence[Line],
    targets: Targets,
    rows_url: Rows,
    page_url: Callable[[Instrument], str],
    *,
    labels: Mapping[str, str],
    rows: int,
    columns: int,
) -> ScoreTable:
    """Return the table of some questions' scores.

    Args:
        lines: the questions, those to be shown first.
        targets: what they are held against.
        rows_url: gives the address of answers.
        page_url: gives the address of the page about one question.
        labels: what parts are called, where it isn't their name.
        rows: at most so many questions.
        columns: at most so many parts, those with the most people.
    """
    people: dict[str, int] = {}
    for line in lines:
        for name, score in line.parts.items():
            people[name] = people.get(name, 0) + score.n
    # A column without a name comes last, and not alone.
    names = sorted((name for name in people if name), key=lambda name: (-people[name], name))[:columns]
    if names and people.get("") and len(names) < columns:
        names.append("")
    found = []
    for line in lines[:rows]:
        head = (line.instrument.question or _("not given"), line.instrument.scale, page_url(line.instrument))
        scores = [line.whole, *(line.parts.get(name) for name in names)]
        urls = _urls(line, names, rows_url, False)
        cells = tuple(_position(score, url, targets) for score, url in zip(scores, urls, strict=True))
        found.append(TableRow(*head, cells, float(targets.satisfaction_target)))
        if line.promoters:
            scores = [line.promoters.whole, *(line.promoters.parts.get(name) for name in names)]
            urls = _urls(line, names, rows_url, True)
            cells = tuple(_promoters(score, url) for score, url in zip(scores, urls, strict=True))
            found.append(TableRow(head[0], _("net promoter score, −100 to +100"), head[2], cells, None))
    return ScoreTable(
        tuple(labels.get(name, name) or _("not given") for name in names), tuple(found), max(0, len(lines) - rows)
    )


def _urls(line: Line, names: Sequence[str], rows_url: Rows, promoters: bool) -> list[str]:
    """Return the addresses of the answers of all and of each part; none of the part without a name."""
    parts = [rows_url(line.instrument, name, promoters) if name else "" for name in names]
    return [rows_url(line.instrument, "", promoters), *parts]


def people_in_words(score: Score) -> str:
    """Return from how many people a score is, and their answers where they gave more than one."""
    people = ngettext("%(count)s person", "%(count)s people", score.n) % {"count": f"{score.n:,}"}
    if score.answers == score.n:
        return people
    return _("%(people)s, %(answers)s answers") % {"people": people, "answers": f"{score.answers:,}"}


def _position(score: Score | None, url: str, targets: Targets) -> Cell:
    if score is None or score.mean is None:
        return EMPTY
    interval, low, high = "", None, None
    if score.interval:
        low, high = round(score.interval.low, 1), round(score.interval.high, 1)
        interval = _("%(low)s to %(high)s") % {"low": f"{low:.1f}", "high": f"{high:.1f}"}
    missed = score.is_enough and not reaches(score.mean, targets.satisfaction_target)
    return Cell(f"{score.mean:.1f}", people_in_words(score), interval, round(score.mean, 1), low, high, missed, url)


def _promoters(score: Score | None, url: str) -> Cell:
    if score is None or score.mean is None:
        return EMPTY
    interval, low, high = "", None, None
    if score.interval:
        low, high = (round(50 + 50 * end, 1) for end in (score.interval.low, score.interval.high))
        interval = _("%(low)s to %(high)s") % {"low": signed(score.interval.low), "high": signed(score.interval.high)}
    return Cell(
        signed(score.mean), people_in_words(score), interval, round(50 + 50 * score.mean, 1), low, high, False, url
    )


EMPTY = Cell("", "", "", None, None, None, False, "")


def signed(share: float) -> str:
    """Return a net promoter score as it is usually written: ``+41``, ``−3``, ``0``."""
    points = round(100 * share)
    return f"{points:+d}".replace("-", "−") if points else "0"
