"""What was recorded after a period ended: it counts, and is counted apart.

A row is counted so where it stands otherwise than it did by what was known when the period ended: it wasn't there, or was
no exception. That isn't declared but looked up, by asking the statement itself as of then.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db import models
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clauses import periods
from clauses.assertion import Assertion, Question, Terms, assertions
from clauses.models import NotApplicable
from organizations import clock
from organizations.models import Targets
from organizations.scope import current_organization, outside_of_organizations
from organizations.subqueries import KeptRows
from trail.time_travel.travel import BeforeTheBeginning, known_at

#: How long after a period what was known at its end is settled: a transaction that began before may end after it.
SETTLED = timedelta(hours=1)
#: Seconds for which it is kept then.
KEPT = 86_400
_NAME = re.compile(r'"(\w+)"')


@dataclass(frozen=True)
class RecordedAfter:
    """How many of the rows looked at rest on what was recorded after the period ended.

    Attributes:
        count: how many.
        of: rows looked at, and those that no longer are.
        days: for half of those rows it was recorded within so many days after the end; None where that isn't known.
    """

    count: int = 0
    of: int = 0
    days: int | None = None


NOTHING = RecordedAfter()


@dataclass(frozen=True)
class Standing:
    """How a statement's rows stand, by their keys; or that it is switched off.

    Attributes:
        rows: those that it looks at.
        failing: those for which it doesn't hold.
        soon: those for which it soon won't.
        judged: what else of them it is judged by, behind the key of each.
    """

    rows: frozenset[int] = frozenset()
    failing: frozenset[int] = frozenset()
    soon: frozenset[int] = frozenset()
    judged: frozenset[tuple[Any, ...]] = frozenset()
    is_off: bool = False

    def unlike(self, other: Standing) -> frozenset[int]:
        """Return the rows that stand otherwise."""
        found = (self.rows ^ other.rows) | (self.failing ^ other.failing) | (self.soon ^ other.soon)
        return found | {key for key, *_values in self.judged ^ other.judged}


def in_words(plain: Mapping[str, Any] | None) -> str:
    """Return ``3 of 145 recorded after the period ended, median 12 days``; empty where nothing was.

    Args:
        plain: what a :class:`RecordedAfter` holds, as evaluations write it down; None where they were made without.
    """
    if not plain or not plain["count"]:
        return ""
    words = {"count": f"{plain['count']:,}", "total": f"{plain['of']:,}"}
    said = _("%(count)s of %(total)s recorded after the period ended") % words
    if plain["days"] is None:
        return said
    days = ngettext("median %(days)s day", "median %(days)s days", plain["days"]) % {"days": plain["days"]}
    return f"{said}, {days}"


def standings(question: Question, asked: Collection[Assertion]) -> dict[str, Standing]:
    """Return how the rows of each statement stand, by its code."""
    switched_off = set(NotApplicable.objects.on(question.day).values_list("code", flat=True))
    return {
        assertion.code: Standing(is_off=True) if assertion.code in switched_off else _standing(assertion, question)
        for assertion in asked
    }


def _standing(assertion: Assertion, question: Question) -> Standing:
    counted, judged = _kept(assertion.code, assertion.terms(question))
    rows, failing, soon = (frozenset(key for (key,) in each.of_current_organization()) for each in counted)
    return Standing(rows, failing, soon, frozenset(judged.of_current_organization()) if judged else frozenset())


@lru_cache(maxsize=1024)
def _kept(code: str, terms: Terms) -> tuple[tuple[KeptRows, ...], KeptRows | None]:
    """Write the statements that say how rows stand, which takes ten times as long as the database does to answer.

    What they depend on besides records and their organization is in the terms, as with :mod:`clauses.evaluation`.
    """
    with outside_of_organizations():
        counted, judged = stood_by(assertions[code], terms)
    return tuple(map(KeptRows, counted)), None if judged is None else KeptRows(judged)


def stood_by(assertion: Assertion, terms: Terms) -> tuple[list[Any], Any]:
    """Return the querysets of keys whose numbers are judged, and that of what else rows are judged by, or None."""
    counted = assertion.counted(terms)
    judged = assertion.judged_by(terms, counted[0]) if assertion.judged_by else None
    return [rows.values_list("pk") for rows in counted], judged


def recorded_after(question: Question, asked: Collection[Assertion]) -> dict[str, RecordedAfter]:
    """Return what was recorded after the period ended, by the statements' codes; by ``""`` that of all together.

    Of a period that isn't over at the question's moment it is empty. It takes a fixed number of queries.
    """
    _start, end = periods.bounds(question.period, question.zone)
    if question.moment <= end:
        return {}
    now, then = standings(question, asked), _known_at(end, question, asked)
    recordings = Recordings(end, question)
    found, together = {}, Together()
    for assertion in asked:
        was, stands = then.get(assertion.code, Standing()), now[assertion.code]
        if was.is_off != stands.is_off:
            found[assertion.code] = RecordedAfter(1, 1)
            together.add(assertion.code, frozenset([0]), frozenset([0]), {})
            continue
        late, looked_at = stands.unlike(was), stands.rows | was.rows
        days = recordings.days(assertion, late)
        found[assertion.code] = RecordedAfter(len(late), len(looked_at), _median(days.values()))
        together.add(assertion.register, looked_at, late, days)
    return found | {"": together.counted()}


class Together:
    """Rows of several statements, each counted once."""

    def __init__(self) -> None:
        self._rows: set[tuple[str, int]] = set()
        self._late: set[tuple[str, int]] = set()
        self._days: dict[tuple[str, int], int] = {}

    def add(self, register: str, rows: frozenset[int], late: frozenset[int], days: Mapping[int, int]) -> None:
        """Add a statement's rows, those recorded later, and after how many days."""
        self._rows.update((register, key) for key in rows)
        self._late.update((register, key) for key in late)
        for key, after in days.items():
            self._days[register, key] = min(after, self._days.get((register, key), after))

    def counted(self) -> RecordedAfter:
        """Return how many there are."""
        return RecordedAfter(len(self._late), len(self._rows), _median(self._days.values()))


def _median(days: Collection[int]) -> int | None:
    return int(median(days)) if days else None


def _known_at(end: datetime, question: Question, asked: Collection[Assertion]) -> dict[str, Standing]:
    """Return how rows stood by what was known when the period ended; nothing where there was no organization yet."""
    letters = "".join(sorted({assertion.sub_clause for assertion in asked}))
    sites = ".".join(map(str, question.sites))
    key = f"known-at:{current_organization().pk}:{question.period}:{letters}:{sites}"
    found: dict[str, Standing] | None = cache.get(key)
    if found is None:
        try:
            with known_at(end):
                figures = Targets.objects.in_force(question.day).figures()
                found = standings(replace(question, moment=end, figures=figures), asked)
        except (BeforeTheBeginning, Targets.DoesNotExist):
            found = {}
        if clock.present() - end > SETTLED:
            cache.set(key, found, KEPT)
    return found


class Recordings:
    """When rows, and what points to them, were first recorded after a period's end; each table is asked once."""

    def __init__(self, end: datetime, question: Question) -> None:
        self._end, self._moment = end, question.moment
        self._zone, self._last = question.zone, question.period.last
        self._question = question
        self._found: dict[tuple[type[models.Model], str], dict[int, date]] = {}

    def days(self, assertion: Assertion, keys: Collection[int]) -> dict[int, int]:
        """Return after how many days each of a statement's rows, or what it reads beside it, was recorded."""
        if not keys:
            return {}
        model, read = _reads(assertion.code, assertion.terms(self._question))
        sources = [self._of(model, "id")]
        sources += [self._of(other, name) for other, name in pointing_to(model) if other._meta.db_table in read]
        firsts = {key: min(days) for key in keys if (days := [source[key] for source in sources if key in source])}
        return {key: (day - self._last).days for key, day in firsts.items()}

    def _of(self, model: Any, key: str) -> dict[int, date]:
        if (model, key) not in self._found:
            versions = model.history.filter(history_date__gte=self._end, history_date__lte=self._moment)
            firsts = versions.order_by().values_list(key).annotate(Min("history_date"))
            self._found[model, key] = {pk: moment.astimezone(self._zone).date() for pk, moment in firsts}
        return self._found[model, key]


@lru_cache(maxsize=1024)
def _reads(code: str, terms: Terms) -> tuple[Any, frozenset[str]]:
    """Return the model of a statement's rows, and the names of the tables and columns by which exceptions are found."""
    with outside_of_organizations():
        rows = assertions[code].counted(terms)[0]
    return rows.model, frozenset(_NAME.findall(_kept(code, terms)[0][1].sql))


def pointing_to(model: type[models.Model]) -> list[tuple[Any, str]]:
    """Return the tracked models with a key to a model's rows, and the key's column: checks, acknowledgements, links."""
    relations: list[Any] = [field for field in model._meta.get_fields(include_hidden=True) if field.auto_created]
    return [
        (relation.related_model, relation.field.attname)
        for relation in relations
        if (relation.one_to_many or relation.one_to_one) and hasattr(relation.related_model, "history")
    ]
