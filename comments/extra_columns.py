"""What was said about a row, as a column of every register's exports.

What is written below it there becomes a comment.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.models import LENGTH, Comment
from comments.services import comment_each, mailed_together
from organizations.scope import current_organization
from registers.extra_columns import ExtraColumn, NewContent, column, extra_columns
from registers.models import Record
from spreadsheets.values import legible
from trail.actor import actor

#: How a comment begins in an export: when it was written and by whom.
_STAMP = re.compile(r"^(\d{4}-\d\d-\d\d) ([^\n:]+): ", re.MULTILINE)
#: Stands where a comment was taken out of a cell; no legible text holds it.
_CUT = "\0"

#: From where to where something stands.
Span = tuple[int, int]


class Said(NamedTuple):
    """A comment as exports have it: the day, who, and the text."""

    day: str
    who: str
    text: str

    @property
    def line(self) -> str:
        """The comment as an export has it."""
        return f"{self.day} {self.who}: {self.text}"

    def exported_in(self, cell: str) -> Span | None:
        """Return where the comment stands in a cell as an export has it.

        Its author may be called otherwise in the file: people marry.
        """
        if span := _lines_in(cell, legible(self.line)):
            return span
        found = re.search(f"\n{self.day} [^\\n:]+: {re.escape(legible(self.text))}\n", cell)
        return found and found.span()

    def written_in(self, cell: str) -> Span | None:
        """Return where the text stands alone in a cell, without day and name.

        That is how somebody wrote it before an import made it a comment.
        """
        return _lines_in(cell, legible(self.text))

    def begins_like(self, stamp: re.Match[str]) -> bool:
        """Return whether a line begins as this comment does, if one of day and name was changed."""
        return self.day == stamp[1] or self.who == stamp[2]


def texts(references: Sequence[str]) -> dict[str, str]:
    """Return what was said about each row, oldest first: a day, who, and the words."""
    return {reference: "\n".join(each.line for each in said) for reference, said in _said(references).items()}


def read(cells: Sequence[tuple[str, str]]) -> list[NewContent]:
    """Return what cells say that nobody has said yet about their rows: one query."""
    said = _said([reference for reference, _told in cells if reference])
    return [new_in(told, said.get(reference, ())) for reference, told in cells]


def new_in(told: str, said: Sequence[Said]) -> NewContent:
    """Return what a cell says beyond what was said about its row.

    Whatever stands between or below the comments is one new comment, but for what an earlier import of the file wrote. What
    begins like a comment that is missing is that one, worded anew; it is no new one, up to where the next comment stands.
    """
    # Line ends on both sides, since comments are looked for as whole lines.
    rest, missing = _without(f"\n{told}\n", said, Said.exported_in)
    # Where the comments stood only matters as the end of one that was worded anew; else all that is left is one text.
    if not any(_reworded(part, missing) for part in rest.split(_CUT)):
        rest = rest.replace(f"{_CUT}\n", "")
    rest, missing = _without(rest, missing, Said.written_in)
    parts = (_before_reworded(part, missing).strip() for part in rest.split(_CUT))
    rest, leaves_out = "\n".join(filter(None, parts)), bool(missing)
    if not rest:
        return NewContent(leaves_out=leaves_out)
    if len(rest) > LENGTH:
        reason = _("A comment has at most %(most)s characters, this one has %(length)s.")
        return NewContent(
            refused=(reason % {"most": f"{LENGTH:,}", "length": f"{len(rest):,}"}, _("Shorten it, or attach a file."))
        )
    return NewContent((rest,), rest, leaves_out)


def _without(cell: str, said: Sequence[Said], span_in: Callable[[Said, str], Span | None]) -> tuple[str, list[Said]]:
    """Return a cell without the comments that it holds, and those that it doesn't hold."""
    missing = []
    for each in said:
        if span := span_in(each, cell):
            # The span took the line ends along, and the comments beside it need them to be found.
            cell = f"{cell[: span[0]]}\n{_CUT}\n{cell[span[1] :]}"
        else:
            missing.append(each)
    return cell, missing


def _lines_in(cell: str, text: str) -> Span | None:
    """Return where a text stands in a cell as whole lines, with the line ends around it."""
    place = cell.find(f"\n{text}\n")
    return (place, place + len(text) + 2) if place >= 0 else None


def _reworded(part: str, missing: Sequence[Said]) -> re.Match[str] | None:
    """Return where one of the missing comments begins that was worded anew."""
    stamps = _STAMP.finditer(part) if missing else ()
    return next((stamp for stamp in stamps if any(each.begins_like(stamp) for each in missing)), None)


def _before_reworded(part: str, missing: Sequence[Said]) -> str:
    found = _reworded(part, missing)
    return part[: found.start()] if found else part


def add(said: Sequence[tuple[Record, Sequence[str]]]) -> None:
    """Write comments on records, in the name of whoever is acting."""
    author = actor()
    # Imports refuse what is added where nobody acts: :mod:`imports.new_content`.
    assert author is not None
    comment_each([(record, text) for record, new in said for text in new], by=author)


def _said(references: Sequence[str]) -> dict[str, list[Said]]:
    found: defaultdict[str, list[Said]] = defaultdict(list)
    zone = current_organization().zone
    for comment in Comment.objects.filter(subject__in=references).select_related("author").order_by("pk"):
        day = comment.written_at.astimezone(zone).date()
        found[comment.subject].append(Said(f"{day:%Y-%m-%d}", str(comment.author), comment.text))
    return found


extra_columns.append(
    ExtraColumn(
        column("comments", gettext_lazy("Comments")),
        texts,
        read,
        add,
        gettext_lazy("What was said stays; what you write below it becomes a new comment."),
        together=mailed_together,
    )
)
