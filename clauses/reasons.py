"""Reasons: the small named conditions that make rows exceptions of a statement, and their words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import ngettext

from organizations.links import organization_url
from organizations.roles import Action, Role

Text = str | Promise
#: :class:`clauses.assertion.Terms`, whose module stands on this one.
Terms = Any


@dataclass(frozen=True, kw_only=True)
class Step:
    """A page on which a row is mended that no field of its own can mend.

    Attributes:
        label: what is done there, as a button says it.
        page: its URL name.
        action: with ``subject``, what whoever does it has to have leave for.
        fills: the field of that page's form that is filled in from the row; the row's reference is in the address unless
            given.
        gives: the row's field that fills it.
    """

    label: Text
    page: str
    action: Action
    subject: str
    fills: str = ""
    gives: str = "reference"

    def url(self, record: Any) -> str:
        """Return the page's address for a row."""
        if self.fills:
            return f"{organization_url(self.page)}?{urlencode({self.fills: getattr(record, self.gives)})}"
        return organization_url(self.page, record.reference)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One condition that makes a row an exception of a statement.

    Attributes:
        name: how addresses and packs call it, ``no-owner``.
        text: what is so, in words.
        holds: those of the population for which it holds.
        columns: the register's columns that it speaks of.
        mends: those of its form's fields that mend it in place; the columns unless given, none where there are steps.
        only_empty: whether they do so only as long as they are empty: what was done late can't be mended any more.
        due: the day on which it should have been done, for the database to work out; the words then say how late it is.
        steps: pages on which it is mended, where the columns aren't enough.
        mended_by: the role that is to mend it, where it isn't the row's owner.
    """

    name: str
    text: Text
    holds: Callable[[Terms, Any], Any]
    columns: tuple[str, ...] = ()
    mends: tuple[str, ...] | None = None
    only_empty: bool = False
    due: Callable[[Terms], Any] | None = None
    steps: tuple[Step, ...] = ()
    mended_by: Role | None = None

    @property
    def flag(self) -> str:
        """The annotation that says whether it holds for a row."""
        return f"because_{self.name.replace('-', '_')}"

    @property
    def due_flag(self) -> str:
        """The annotation that says by when it should have been done."""
        return f"due_{self.name.replace('-', '_')}"

    def mended_by_fields(self, record: Any) -> list[str]:
        """Return the fields that mend a row."""
        usual = () if self.steps else self.columns
        names = usual if self.mends is None else self.mends
        return [name for name in names if not (self.only_empty and getattr(record, name))]

    def words(self, record: Any, day: date) -> str:
        """Return the words about an annotated row, as of a day."""
        due = getattr(record, self.due_flag, None)
        if due is None:
            return str(self.text)
        # Where nothing is converted, SQLite gives a date as text.
        due = date.fromisoformat(due) if isinstance(due, str) else due.date() if isinstance(due, datetime) else due
        late = (day - due).days
        if late <= 0:
            return str(self.text)
        said = {"reason": str(self.text), "count": late, "day": date_format(due, "j M Y")}
        return (
            ngettext(
                "%(reason)s: %(count)s day late, due %(day)s", "%(reason)s: %(count)s days late, due %(day)s", late
            )
            % said
        )


def annotated(reasons: Sequence[Reason], terms: Terms, population: Any, rows: Any) -> Any:
    """Return rows annotated with which reasons hold, and since when: still one query.

    Args:
        reasons: of one statement.
        terms: what its rows are judged by.
        population: the rows it looks at.
        rows: rows of the same model, whatever else is fetched with them.
    """
    flags = {
        # By key, so that each reason is asked as the statement asks it, whatever rows these are.
        reason.flag: Exists(reason.holds(terms, population).order_by().filter(pk=OuterRef("pk")))
        for reason in reasons
    }
    days = {reason.due_flag: reason.due(terms) for reason in reasons if reason.due}
    return rows.annotate(**flags, **days)


def reasons_of(reasons: Sequence[Reason], record: Any) -> list[Reason]:
    """Return the reasons that hold for an annotated row."""
    return [reason for reason in reasons if getattr(record, reason.flag)]


def in_words(reasons: Sequence[Reason], record: Any, day: date) -> str:
    """Return why an annotated row is an exception, in a line; empty where it is none."""
    return "; ".join(reason.words(record, day) for reason in reasons_of(reasons, record))


def missing(name: str, column: str, text: Text, empty: Any = "") -> Reason:
    """Return the reason that a column is empty.

    Args:
        name: as in :class:`Reason`.
        column: the column, which is a field.
        text: as in :class:`Reason`.
        empty: how the field says that nothing was filled in.
    """
    return Reason(name=name, text=text, columns=(column,), holds=lambda terms, rows: rows.filter(**{column: empty}))


def part(rows_of: Callable[[Terms, Any], Any], *conditions: Any, **lookups: Any) -> Callable[[Terms, Any], Any]:
    """Return a function that gives a part of what another one gives, narrowed as ``filter`` narrows."""
    return lambda terms, rows: rows_of(terms, rows).filter(*conditions, **lookups)
