"""Assertions: checkable statements about records, and the registry of all of them.

See ``docs/decisions/0003-assertions.md``. Each app declares its own in ``assertions.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clauses.reasons import Reason, annotated
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


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms that rows are judged on: equal terms find the same rows among the same records, whoever asks and whenever.

    Attributes:
        period: what is asked about.
        day: from which intervals and due dates are judged: the moment's, or the period's last if that is earlier.
        zone: where the organization's days begin.
        figures: the fields of the targets in force, with their values.
        over: whether that day has ended, so that something can be dated after it, and doesn't count.
        sites: ids of the sites it is about; none means all of them.
        given: what :attr:`Assertion.given` adds.
    """

    period: Period
    day: date
    zone: ZoneInfo
    figures: tuple[tuple[str, Any], ...]
    over: bool = False
    sites: tuple[int, ...] = ()
    given: Any = None

    @cached_property
    def targets(self) -> Targets:
        """The targets in force: their figures, of no organization."""
        return Targets(**dict(self.figures))

    @cached_property
    def end(self) -> datetime:
        """The moment at which the day that is judged ends: what bears this moment or a later one doesn't count."""
        return datetime.combine(self.day + timedelta(days=1), time.min, self.zone)

    @property
    def until(self) -> datetime | None:
        """The same where that day has ended; None where nothing can have been put away since."""
        return self.end if self.over else None

    def ago(self, days: int) -> date:
        """Return the day that lies ``days`` before the question's."""
        return self.day - timedelta(days=days)

    def soon(self) -> date:
        """Return the day up to which something counts as due soon."""
        return self.day + timedelta(days=self.targets.soon_days)


@dataclass(frozen=True, kw_only=True)
class Question(Terms):
    """A question to the clause: of an organization and a moment, on terms.

    Attributes:
        since: the organization's first day here: from then on its targets say what is asked of it.
    """

    organization: Organization
    moment: datetime
    since: date = date.min


@dataclass(frozen=True)
class Counts:
    """The numbers of rows that an assertion looks at, of exceptions, and of rows due soon."""

    population: int
    exceptions: int
    soon: int


#: What is said of a population of nobody.
NOTHING = _("nothing recorded")
#: What gives the population where its number isn't enough to judge by.
Rows = Callable[[], Any]


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


def judge_each(question: Question, counts: Counts, rows: Rows, nothing: Text = NOTHING) -> Judgement:
    """Judge as most assertions do.

    No row at all is no evidence, as ``nothing`` says; any exception is a gap, anything due soon wants attention.
    """
    good = counts.population - counts.exceptions
    value = f"{good}/{counts.population}"
    if not counts.population:
        return Judgement(Result.NO_EVIDENCE, 0, 0, "–", str(nothing), str(_("every row")))
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


class Gravity(models.IntegerChoices):
    """What hangs on a statement: which of several gaps a director hears of first."""

    #: Something isn't written down or looked at in time.
    KEEPING = 0, _("Keeping")
    #: Somebody hasn't done what is theirs to do: a law undecided, a check left out, a customer unheard.
    DUTY = 1, _("Duty")
    #: A customer may be harmed, or was.
    HARM = 2, _("Harm")


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
        reasons: why it does not hold for some of the population; its exceptions are those for which any of them holds.
        soon: those of the population that hold now and won't in the next days; None where nothing falls due.
        judge: what the counts amount to; gets what gives the population as third argument.
        judged_by: what ``judge`` reads of the rows besides their number, as tuples that begin with a row's key: a result
            may change with it while no row stands otherwise.
        gap: a note for gaps, given the number of exceptions.
        gravity: what hangs on it.
        legal: those of its exceptions that a law asks for, which can be treated, not accepted; None where no law does.
        says: what is so with that many exceptions, as the overview's first line says it, without a full stop; None where
            a gap isn't a number of rows that fall short.
        given: what else rows are judged by, asked anew for each question: a moment, what rows of other registers say.
            Statements are kept for as long as it comes to the same, so it has to be a value that can be compared.
    """

    code: str
    verb: Verb
    title: Text
    statement: Text
    clauses: Mapping[str, tuple[str, ...]]
    register: str
    population: Callable[[Terms], Any]
    reasons: tuple[Reason, ...]
    soon: Callable[[Terms, Any], Any] | None = None
    judge: Callable[[Question, Counts, Rows], Judgement] = judge_each
    judged_by: Callable[[Terms, Any], Any] | None = None
    gap: Callable[[int], str] | None = None
    gravity: Gravity = Gravity.KEEPING
    legal: Callable[[Any], Any] | None = None
    says: Callable[[int], str] | None = None
    given: Callable[[Question], Hashable] | None = None

    @property
    def sub_clause(self) -> str:
        """The letter a, b or c of clause 5.1.2."""
        return self.code[0]

    def terms(self, question: Question) -> Terms:
        """Return what its rows are judged by: the question without organization and moment."""
        return Terms(
            period=question.period,
            day=question.day,
            zone=question.zone,
            figures=question.figures,
            over=question.over,
            sites=question.sites,
            given=self.given(question) if self.given else None,
        )

    def rows(self, question: Question) -> Any:
        """Return the population as a queryset.

        Where its rows belong to sites, it is of the question's sites only.
        """
        return self._rows(self.terms(question))

    def failing(self, question: Question) -> Any:
        """Return those of the rows that are exceptions, as a queryset."""
        terms = self.terms(question)
        return self.exceptions(terms, self._rows(terms))

    def exceptions(self, terms: Terms, rows: Any) -> Any:
        """Return those of the population for which a reason holds."""
        return reduce(or_, (reason.holds(terms, rows) for reason in self.reasons))

    def explained(self, question: Question, rows: Any) -> Any:
        """Return rows of its register annotated with the reasons that hold for each: still one query."""
        terms = self.terms(question)
        return annotated(self.reasons, terms, self._rows(terms), rows)

    def counted(self, terms: Terms) -> tuple[Any, Any, Any]:
        """Return the querysets whose numbers are judged, in the order of :class:`Counts`."""
        rows = self._rows(terms)
        return rows, self.exceptions(terms, rows), self.soon(terms, rows) if self.soon else rows.none()

    def _rows(self, terms: Terms) -> Any:
        rows = self.population(terms)
        return rows.filter(site__in=terms.sites) if terms.sites and hasattr(rows.model, "site") else rows


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

    def __contains__(self, code: str) -> bool:
        return code in self._assertions

    def __getitem__(self, code: str) -> Assertion:
        return self._assertions[code]

    def get(self, code: str) -> Assertion | None:
        """Return the assertion of a code, or None."""
        return self._assertions.get(code)


assertions = Assertions()
