"""What was said about a row, as a column of every register's exports: what is written below it there becomes a comment."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.scope import current_organization
from registers.alongside import Addition, Alongside, alongside, column
from registers.importing.values import legible
from registers.models import Record
from registers.talk.models import LENGTH, Comment
from registers.talk.services import comment_each
from trail.actor import actor

#: How a comment begins in an export: when it was written and by whom.
_STAMP = re.compile(r"^\d{4}-\d\d-\d\d [^\n:]+: ", re.MULTILINE)


class Said(NamedTuple):
    """A comment as exports have it: the day, who, and the text."""

    day: str
    who: str
    text: str

    @property
    def line(self) -> str:
        """The comment in an export."""
        return f"{self.day} {self.who}: {self.text}"

    @property
    def pattern(self) -> re.Pattern[str]:
        """The comment between two ends of lines, also under another name: people marry."""
        line, named = re.escape(legible(self.line)), f"{self.day} [^\\n:]+: {re.escape(legible(self.text))}"
        return re.compile(f"\n(?:{line}|{named})\n")


def texts(references: Sequence[str]) -> dict[str, str]:
    """What was said about each row, oldest first: a day, who, and the words."""
    return {reference: "\n".join(each.line for each in said) for reference, said in _said(references).items()}


def read(cells: Sequence[tuple[str, str]]) -> list[Addition]:
    """What cells say that nobody has said yet about their rows: one query."""
    said = _said([reference for reference, _told in cells if reference])
    return [new_in(told, said.get(reference, ())) for reference, told in cells]


def new_in(told: str, said: Sequence[Said]) -> Addition:
    """What a cell says beyond what was said about its row.

    Whatever stands between or below the comments is one new comment. What begins like a comment where one is missing is that
    one, worded anew; it is no new one. Nor is a text that the row has as a comment already: the file was imported before.
    """
    rest, missing = f"\n{told}\n", []
    for each in said:
        found = each.pattern.search(rest)
        rest = f"{rest[: found.start()]}\n{rest[found.end() :]}" if found else rest
        missing += [] if found else [legible(each.text)]
    rest = rest.strip()
    is_known = rest in {legible(each.text) for each in said}
    leaves_out = any(text != rest for text in missing)
    if not rest or is_known or (leaves_out and _STAMP.search(rest)):
        return Addition(leaves_out=leaves_out)
    if len(rest) > LENGTH:
        reason = _("A comment has at most %(most)s characters, this one has %(length)s.")
        return Addition(
            refused=(reason % {"most": f"{LENGTH:,}", "length": f"{len(rest):,}"}, _("Shorten it, or attach a file."))
        )
    return Addition((rest,), rest, leaves_out)


def add(said: Sequence[tuple[Record, Sequence[str]]]) -> None:
    """Write comments on records, in the name of whoever is acting."""
    author = actor()
    assert author is not None
    comment_each([(record, text) for record, new in said for text in new], by=author)


def _said(references: Sequence[str]) -> dict[str, list[Said]]:
    found: defaultdict[str, list[Said]] = defaultdict(list)
    zone = current_organization().zone
    for comment in Comment.objects.filter(subject__in=references).select_related("author").order_by("pk"):
        day = comment.written_at.astimezone(zone).date()
        found[comment.subject].append(Said(f"{day:%Y-%m-%d}", str(comment.author), comment.text))
    return found


alongside.append(
    Alongside(
        column("comments", gettext_lazy("Comments")),
        texts,
        read,
        add,
        gettext_lazy("What was said stays; what you write below it becomes a new comment."),
    )
)
