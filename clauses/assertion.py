"""Assertions: checkable statements about records, and the registry of all of them.

See ``docs/decisions/0003-assertions.md``. Each app declares its own in ``assertions.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from organizations.models import Organization, Targets
from registers.register import registry

Text = str | Promise


class Result(models.TextChoices):
    """The results that an evaluation can have for an assertion."""

    MET = "met", _("Met")
    ATTENTION = "attention", _("Attention")
    GAP = "gap", _("Gap")
    NO_EVIDENCE = "no evidence", _("No evidence")
    NOT_APPLICABLE = "not applicable", _("Not applicable")


class Verb(models.TextChoices):
    """The verbs of clause 5.1.2 a–c; (c) *maintained* is asked in four parts."""

    A_DETERMINED = "a-determined", _("Determined")
    A_UNDERSTOOD = "a-understood", _("Understood")
    A_MET = "a-met", _("Consistently met")
    B_DETERMINED = "b-determined", _("Determined")
    B_ADDRESSED = "b-addressed", _("Addressed")
    C_LISTENING = "c-listening", _("Maintained: listening")
    C_RESPONDING = "c-responding", _("Maintained: responding")
    C_ENHANCING = "c-enhancing", _("Maintained: enhancing")
    C_LED = "c-led", _("Maintained: led")


SUB_CLAUSES: dict[str, Text] = {
    "a": _("Requirements are determined, understood and consistently met"),
    "b": _("Risks and opportunities are determined and addressed"),
    "c": _("The focus on enhancing satisfaction is maintained"),
}


@dataclass(frozen=True)
class Period:
    """A span of days, both ends included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first:%Y-%m-%d}/{self.last:%Y-%m-%d}"


@dataclass(frozen=True)
class Question:
    """A question to the clause: of an organization, a period and a moment, against targets.

    ``day`` is the day from which intervals and due dates are judged: the moment's, or the period's last if that is earlier.
    ``sites`` holds the ids of the sites it is about; none means all of them.
    """

    organization: Organization
    period: Period
    moment: datetime
    targets: Targets
    sites: tuple[int, ...] = ()

    @property
    def day(self) -> date:
        return min(self.moment.astimezone(self.organization.zone).date(), self.period.last)

    def ago(self, days: int) -> date:
        """Return the day that lies ``days`` before the question's."""
        return self.day - timedelta(days=days)

    def soon(self) -> date:
        """Return the day up to which something counts as due soon."""
        return self.day + timedelta(days=self.targets.soon_days)


@dataclass(frozen=True)
class Counts:
    """The numbers of rows that an assertion looks at, of exceptions, and of rows due soon."""

    population: int
    exceptions: int
    soon: int


@dataclass(frozen=True)
class Judgement:
    """The judgement of an assertion's counts, in the words and numbers that every page shows.

    Attributes:
        result: the result.
        numerator: rows for which the statement holds.
        denominator: rows looked at.
        value: the number as displayed, ``148/151`` or ``97.8 %``.
        detail: a short side note that says why.
        threshold: what the value was held against, in words.
    """

    result: Result
    numerator: int
    denominator: int
    value: str
    detail: str = ""
    threshold: str = ""


def judge_each(question: Question, counts: Counts, rows: models.QuerySet) -> Judgement:
    """Judge as most assertions do.

    No row at all is no evidence, any exception is a gap, anything due soon wants attention.
    """
    good = counts.population - counts.exceptions
    value = f"{good}/{counts.population}"
    if not counts.population:
        return Judgement(Result.NO_EVIDENCE, 0, 0, "–", str(_("nothing recorded")), str(_("every row")))
    if counts.exceptions:
        return Judgement(Result.GAP, good, counts.population, value, "", str(_("every row")))
    soon = (
        str(_("%(count)s due within %(days)s days") % {"count": counts.soon, "days": question.targets.soon_days})
        if counts.soon
        else ""
    )
    return Judgement(
        Result.ATTENTION if counts.soon else Result.MET, good, counts.population, value, soon, str(_("every row"))
    )


@dataclass(frozen=True)
class Assertion:
    """One checkable statement over one register's rows.

    Attributes:
        code: ``a1``; its letter is the sub-clause.
        verb: which verb of the clause it serves.
        title: a few words for the overview.
        statement: the whole statement, in our words.
        clauses: for each edition (``"2015"``, ``"2026"``), the clauses it leans on.
        register: slug of the register whose rows it looks at, or of another list (:data:`clauses.selections.lists`).
        population: the rows it looks at.
        exceptions: those of the population for which it does not hold.
        soon: those of the population that hold now and won't in the next days; None where nothing falls due.
        judge: what the counts amount to; gets the population as third argument.
        gap: a note for gaps, given the number of exceptions.
    """

    code: str
    verb: Verb
    title: Text
    statement: Text
    clauses: Mapping[str, tuple[str, ...]]
    register: str
    population: Callable[[Question], Any]
    exceptions: Callable[[Question, Any], Any]
    soon: Callable[[Question, Any], Any] | None = None
    judge: Callable[[Question, Counts, Any], Judgement] = judge_each
    gap: Callable[[int], str] | None = None

    @property
    def sub_clause(self) -> str:
        """The letter a, b or c of clause 5.1.2."""
        return self.code[0]

    def rows(self, question: Question) -> Any:
        """Return the population as a queryset.

        Where its rows belong to sites, it is of the question's sites only.
        """
        rows = self.population(question)
        return rows.filter(site__in=question.sites) if question.sites and hasattr(rows.model, "site") else rows

    def failing(self, question: Question) -> Any:
        """Return those of the rows that are exceptions, as a queryset."""
        return self.exceptions(question, self.rows(question))


class Assertions:
    """All assertions, in the order of their codes."""

    def __init__(self) -> None:
        self._assertions: dict[str, Assertion] = {}

    def add(self, *declared: Assertion) -> None:
        """Add assertions, and tell their registers which sub-clauses they serve.

        Raises:
            ValueError: one has a code that another has.
        """
        for assertion in declared:
            if assertion.code in self._assertions:
                raise ValueError(f"There is an assertion {assertion.code} already.")
            self._assertions[assertion.code] = assertion
            registry.serve(assertion.register, assertion.sub_clause)

    def __iter__(self) -> Iterator[Assertion]:
        # By number, so that a10 comes after a9.
        return iter(sorted(self._assertions.values(), key=lambda each: (each.sub_clause, int(each.code[1:]))))

    def __getitem__(self, code: str) -> Assertion:
        return self._assertions[code]

    def get(self, code: str) -> Assertion | None:
        """Return the assertion of a code, or None."""
        return self._assertions.get(code)


assertions = Assertions()
