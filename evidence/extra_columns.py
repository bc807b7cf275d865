"""The names of a row's evidence files, as a column of every register's exports.

A name that is written below them attaches that file.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evidence.models import Attachment
from evidence.services import MOST_FILES, attach_again
from registers.extra_columns import ExtraColumn, NewContent, column, extra_columns
from registers.models import Record
from spreadsheets.values import legible
from trail.actor import actor

#: Names looked up with one query; databases take some ten thousands of values a statement.
_ASKED = 10_000


def file_names(references: Sequence[str]) -> dict[str, str]:
    """Return the names of the files attached to each row, one a line, by the row's reference.

    They are in the order in which they were attached. One query.
    """
    return {reference: "\n".join(file.name for file in files) for reference, files in _attached(references).items()}


def read(cells: Sequence[tuple[str, str]]) -> list[NewContent]:
    """Return the files that cells name and that their rows don't have yet.

    A table brings no bytes, so a name means the file that some row of the organization has under it. Two queries,
    more where the cells name very many files.
    """
    attached = _attached([reference for reference, _told in cells if reference])
    # Cells that name too many are refused, so their names needn't be looked up.
    named = [names for _reference, told in cells if len(names := _names(told)) <= MOST_FILES]
    known = _known(list({name for names in named for name in names}))
    return [named_in(told, attached.get(reference, ()), known) for reference, told in cells]


def named_in(told: str, attached: Sequence[Attachment], known: Mapping[str, Mapping[str, int]]) -> NewContent:
    """Return the files that a cell names beyond those that its row has.

    Args:
        told: names of files, one a line.
        attached: the row's files.
        known: the files of the organization: name → digest → the key of one of its attachments.
    """
    names = _names(told)
    if len(names) > MOST_FILES:
        return NewContent(refused=_too_many())
    present = Counter(legible(file.name) for file in attached)  # as cells are read
    digests = {file.sha256 for file in attached}
    new: dict[str, int] = {}
    for name in names - present:
        match list(known.get(name, {}).items()):
            case [(digest, key)]:
                # Where the row has these bytes under another name, there is nothing to attach.
                new |= {} if digest in digests else {name: key}
            case found:
                return NewContent(refused=_refusal(name, len(found)))
    if len(attached) + len(new) > MOST_FILES:
        return NewContent(refused=_too_many())
    return NewContent(tuple(new.values()), ", ".join(new), bool(present - names))


def add(named: Sequence[tuple[Record, Sequence[int]]]) -> None:
    """Attach files that other records have, in the name of whoever is acting."""
    person = actor()
    assert person is not None
    attach_again(named, by=person)


def _names(told: str) -> Counter[str]:
    """Return the names in a cell, and how often each stands there."""
    return Counter(line for each in told.split("\n") if (line := each.strip()))


def _known(names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the organization's files of these names.

    They are given as name → digest → the key of one of its attachments.
    """
    known: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for start in range(0, len(names), _ASKED):
        files = Attachment.objects.filter(name__in=names[start : start + _ASKED])
        for name, digest, key in files.values_list("name", "sha256", "pk"):
            known[name].setdefault(digest, key)
    return known


def _too_many() -> tuple[str, str]:
    return _("A row has at most %(most)s files.") % {"most": MOST_FILES}, _("Take some of the names out.")


def _refusal(name: str, found: int) -> tuple[str, str]:
    if found:
        reason = _("%(count)s different files are called “%(name)s”.") % {"count": found, "name": name}
        return reason, _("Attach the right one on the row's page.")
    reason = _("No row has a file “%(name)s” yet, and a table brings none.") % {"name": name}
    return reason, _("Attach it on the row's page, or write the name of a file that another row has.")


def _attached(references: Iterable[str]) -> dict[str, list[Attachment]]:
    found: defaultdict[str, list[Attachment]] = defaultdict(list)
    for file in Attachment.objects.filter(subject__in=references).order_by("pk"):
        found[file.subject].append(file)
    return found


# A pack lists its files itself, each with its digest.
extra_columns.append(
    ExtraColumn(
        column("attachments", gettext_lazy("Evidence files")),
        file_names,
        read,
        add,
        gettext_lazy("What was attached stays, as evidence does; a name you write below it attaches that file."),
        in_packs=False,
    )
)
