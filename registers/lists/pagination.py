"""Pages of a list, known by the row that they begin after, not by their number.

So the thousandth page costs what the first does. See ``docs/decisions/0016-scale.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q
from django.db.models.expressions import OrderBy

from registers.lists.ordering import keys_of

#: Rows of a page.
PAGE = 50
#: Rows are counted up to here; of more it is only said that there are more.
CAP = 10_000

_SIGNER = Signer(salt="registers.lists.pagination")
_LAST = "last"


@dataclass(frozen=True)
class Count:
    """How many rows there are: exactly, or more than :data:`CAP`."""

    number: int
    is_capped: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.is_capped else ''}"

    def __bool__(self) -> bool:
        return bool(self.number)


def counted(rows: models.QuerySet, sample: models.QuerySet | None = None) -> Count:
    """Count rows; the database stops as soon as it has found more than :data:`CAP`.

    Args:
        rows: what is counted.
        sample: some of the rows: where there are more than :data:`CAP` among them, no others are read.
    """
    if sample is not None and (many := counted(sample)).is_capped:
        return many
    found = rows.order_by().prefetch_related(None).values("pk")[: CAP + 1].count()
    return Count(min(found, CAP), found > CAP)


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the cursors of the pages around them.

    The cursor ``""`` is the first page's; None stands where there is no page.

    Attributes:
        object_list: the rows, in order.
        count: of the whole list.
        start: how many rows come before them, where that is known.
    """

    object_list: list[Any]
    count: Count
    start: int | None
    previous: str | None
    next: str | None

    #: The cursor of the last page, whatever it holds then.
    last = _LAST

    @property
    def first_number(self) -> int | None:
        """The number of the first row, from 1; None where it isn't known."""
        return None if self.start is None else self.start + 1

    @property
    def last_number(self) -> int | None:
        """The number of the last row."""
        return None if self.start is None else self.start + len(self.object_list)

    def has_next(self) -> bool:
        """Return whether rows come after these."""
        return self.next is not None

    def has_previous(self) -> bool:
        """Return whether rows come before these."""
        return self.previous is not None

    def has_other_pages(self) -> bool:
        """Return whether the list has rows that aren't here."""
        return self.has_next() or self.has_previous()


def page_of(
    rows: models.QuerySet,
    order: Sequence[str],
    cursor: str = "",
    size: int = PAGE,
    shown: models.QuerySet | None = None,
    sample: models.QuerySet | None = None,
) -> Page:
    """Return a page of rows.

    Args:
        rows: the list, in any order.
        order: see :func:`registers.lists.ordering.ordered`.
        cursor: which page: one of those that another page gave. Any other text gives the first page.
        size: rows of a page.
        shown: where to look up the rows of the page by their keys, with what is shown of them; the list unless given.
            What narrows the list need not be said again.
        sample: see :func:`counted`.
    """
    return _Walk(rows, tuple(order), size, rows if shown is None else shown, sample).page(cursor)


@dataclass(frozen=True)
class _Cursor:
    """A row that a page ends at or begins after.

    It holds the row's values, and how many rows come before the page's edge, if known.
    """

    values: list[Any]
    backwards: bool
    edge: int | None


class _Walk:
    """A list in its order, to be read page by page."""

    def __init__(
        self,
        rows: models.QuerySet,
        order: tuple[str, ...],
        size: int,
        shown: models.QuerySet,
        sample: models.QuerySet | None,
    ) -> None:
        self.rows, self.order, self.size, self.shown, self.sample = rows, order, size, shown, sample
        self.keys = keys_of(rows, order)

    @cached_property
    def count(self) -> Count:
        return counted(self.rows, self.sample)

    def page(self, cursor: str) -> Page:
        if cursor == _LAST:
            return self._last()
        at = self._read(cursor) if cursor else None
        if at is None:
            return self._after(None)
        page = self._before(at) if at.backwards else self._after(at)
        if page.object_list:
            return page
        return self._after(None) if at.backwards else self._last()  # rows went since: the nearest page

    def _after(self, at: _Cursor | None) -> Page:
        # One more than the page holds tells whether rows come after it.
        found = self._fetch(at, False, self.size + 1)
        if at is None and len(found) <= self.size:
            self.count = Count(len(found))  # all of it is here, so that it need not be counted
        here = found[: self.size]
        return self._page(here, at.edge if at else 0, before=at is not None, after=len(found) > self.size)

    def _before(self, at: _Cursor) -> Page:
        found = self._fetch(at, True, self.size + 1)
        here, more = found[: self.size][::-1], len(found) > self.size
        # With rows before it the page can't be the first, even where rows have come since the cursor was made.
        start = 0 if not more else None if at.edge is None else max(at.edge - len(here), 1)
        return self._page(here, start, before=more, after=True)

    def _last(self) -> Page:
        """Return the end of the list.

        Where the count is known, it is what is left over from whole pages.
        """
        total = None if self.count.is_capped else self.count.number
        size = self.size if not total else total % self.size or self.size
        found = self._fetch(None, True, size + 1)
        here = found[:size][::-1]
        return self._page(here, None if total is None else total - len(here), before=len(found) > size, after=False)

    def _page(self, here: list[tuple[Any, ...]], start: int | None, *, before: bool, after: bool) -> Page:
        if start is not None and not self.count.is_capped:
            # Rows may have come or gone since the cursor was made.
            start = max(min(start, self.count.number - len(here)), 0)
        end = None if start is None else start + len(here)
        return Page(
            object_list=self._objects([row[0] for row in here]),
            count=self.count,
            start=start,
            previous=self._write(here[0], True, start) if before and here else None,
            next=self._write(here[-1], False, end) if after and here else None,
        )

    def _objects(self, keys: list[Any]) -> list[Any]:
        """Return the rows of a page, found by their keys.

        So sorting and narrowing work out nothing that only shown rows need.
        """
        found = self.shown.order_by().in_bulk(keys)
        # A row may have gone since its key was read.
        return [found[key] for key in keys if key in found]

    def _fetch(self, at: _Cursor | None, backwards: bool, limit: int) -> list[tuple[Any, ...]]:
        """Return keys and sorted values of the next rows, in the direction of reading."""
        found: list[tuple[Any, ...]] = []
        for rows in self._stretches(at, backwards):
            found += rows.values_list("pk", *(key.path for key in self.keys))[: limit - len(found)]
            if len(found) == limit:
                break
        return found

    def _stretches(self, at: _Cursor | None, backwards: bool) -> Iterator[models.QuerySet]:
        """Yield the rows beyond a row, as stretches that follow each other.

        So an index leads to the beginning of each. Of a short list, or one that few rows are left of, all are one: it
        is sorted anyway, and better once.
        """
        rows = self.rows.prefetch_related(None)
        parts = list(self._beyond(at.values, backwards) if at else self._all(backwards))
        if len(parts) == 1 or self.count.is_capped:
            for condition, order in parts:
                yield rows.filter(condition).order_by(*order)
        elif parts:
            whole = [key.order(backwards) for key in self.keys]
            yield rows.filter(reduce(or_, (q for q, _ in parts)) if at else Q()).order_by(*whole)

    def _all(self, backwards: bool) -> Iterator[tuple[Q, list[OrderBy]]]:
        for condition, filled in self.keys[0].parts(backwards):
            yield condition, self._orders(0, backwards, filled)

    def _beyond(self, values: list[Any], backwards: bool) -> Iterator[tuple[Q, list[OrderBy]]]:
        """Yield the stretches beyond some values, nearest first.

        They are alike in all but the last key, then in all but the last two, and so on.
        """
        for place in reversed(range(len(self.keys))):
            alike = Q()
            for key, value in zip(self.keys[:place], values, strict=False):
                alike &= key.equals(value)
            for condition, filled in self.keys[place].beyond(values[place], backwards):
                yield alike & condition, self._orders(place, backwards, filled)

    def _orders(self, place: int, backwards: bool, filled: bool) -> list[OrderBy]:
        first, *others = self.keys[place:]
        return [first.order(backwards, filled), *(key.order(backwards) for key in others)]

    def _write(self, row: tuple[Any, ...], backwards: bool, edge: int | None) -> str:
        values = [key.as_json(value) for key, value in zip(self.keys, row[1:], strict=True)]
        return _SIGNER.sign_object([list(self.order), values, int(backwards), edge], compress=True)

    def _read(self, text: str) -> _Cursor | None:
        """Return what a cursor of this order says; None of any other text."""
        try:
            order, values, backwards, edge = _SIGNER.unsign_object(text)
            if order != list(self.order):
                return None
            read = [key.field.to_python(value) for key, value in zip(self.keys, values, strict=True)]
        except (BadSignature, ValidationError, ValueError):
            return None
        return _Cursor(read, bool(backwards), edge)
