"""What stands beside the rows of every register rather than in them: what was said about a row, which files belong to it.

Exports have a column of each, to be read; an import changes none of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from organizations.scope import current_organization
from registers.columns import BoundColumn, Column, Text
from registers.talk.models import Comment


@dataclass(frozen=True)
class Alongside:
    """A column of texts that stand beside rows.

    Attributes:
        column: heads them in exports.
        texts: of rows with these references, the text of each that has one; a number of queries that doesn't grow with them.
        where: a sentence that says where they are changed, since an import doesn't.
        in_packs: whether the rows of packs hold them; not where packs have a list of their own.
    """

    column: BoundColumn
    texts: Callable[[Sequence[str]], Mapping[str, str]]
    where: Text
    in_packs: bool = True


def read_only(name: str, label: Text) -> BoundColumn:
    """A column of no field, which neither sorts nor is imported."""
    return BoundColumn(Column(name, label=label, kind=name, path="", sort="", importable=False), None)


def said(references: Sequence[str]) -> dict[str, str]:
    """What was said about each row, oldest first: a day, who, and the words."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    zone = current_organization().zone
    for comment in Comment.objects.filter(subject__in=references).select_related("author").order_by("pk"):
        day = comment.written_at.astimezone(zone).date()
        found[comment.subject].append(f"{day:%Y-%m-%d} {comment.author}: {comment.text}")
    return {reference: "\n".join(lines) for reference, lines in found.items()}


#: All of them, in the order of exports; other apps add theirs.
alongside = [
    Alongside(read_only("comments", _("Comments")), said, _("Comments are written on the row's page.")),
]
