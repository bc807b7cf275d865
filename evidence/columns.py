"""The names of a row's evidence files, as a column of every register's exports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from evidence.models import Attachment
from registers.alongside import Alongside, alongside, read_only


def file_names(references: Sequence[str]) -> dict[str, str]:
    """The names of the files attached to each row, in the order in which they were, one a line: one query."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    files = Attachment.objects.filter(subject__in=references).order_by("pk")
    for subject, name in files.values_list("subject", "name"):
        found[subject].append(name)
    return {reference: "\n".join(names) for reference, names in found.items()}


# A pack lists its files itself, each with its digest.
alongside.append(
    Alongside(
        read_only("attachments", _("Evidence files")),
        file_names,
        _("A table brings no files: attach them on the row's page. What was attached stays, as evidence does."),
        in_packs=False,
    )
)
