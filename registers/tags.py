"""Tags: words that people put on records to find them again.

They are the same whatever a register's columns say. A record holds its own, as the text that exports show: ``a; b``,
each once. So history, packs and imports need nothing more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

SEPARATOR = "; "
#: Characters of a tag, and of all tags of a record (an index entry must hold them).
LONGEST, LENGTH = 40, 500
#: Tags that are suggested.
SUGGESTED = 12


def tags_of(text: str) -> list[str]:
    """Return the tags in a text, each once.

    Semicolons, commas and line breaks separate them; capitals make no difference.
    """
    for separator in ",\r\n\t":
        text = text.replace(separator, ";")
    found: dict[str, str] = {}
    for part in text.split(";"):
        tag = " ".join(part.split())
        if tag:
            found.setdefault(tag.casefold(), tag)
    return list(found.values())


def joined(tags: Iterable[str]) -> str:
    """Return tags as a record holds them."""
    return SEPARATOR.join(tags)


class TagsFormField(forms.CharField):
    """Tags in a form, separated by semicolons or commas.

    Raises:
        ValidationError: a tag, or all of them together, are too long.
    """

    def to_python(self, value: object) -> str:
        return tidy(super().to_python(value) or "")


class TagsField(models.CharField):
    """A record's tags."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": LENGTH, "blank": True, "default": "", **options})

    def to_python(self, value: object) -> Any:
        return tidy(value) if isinstance(value, str) else value

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": TagsFormField, "max_length": None, **options})


def tidy(text: str) -> str:
    """Return a text of tags as records hold it.

    Raises:
        ValidationError: a tag, or all of them together, are too long.
    """
    tags = tags_of(text)
    if longest := next((tag for tag in tags if len(tag) > LONGEST), ""):
        raise ValidationError(
            _("“%(tag)s …” is too long for a tag: at most %(most)s characters.")
            % {"tag": longest[:LONGEST], "most": LONGEST}
        )
    if len(together := joined(tags)) > LENGTH:
        raise ValidationError(_("These are too many tags: together at most %(most)s characters.") % {"most": LENGTH})
    return together


def tagged(rows: models.QuerySet, tag: str) -> models.QuerySet:
    """Narrow rows to those that bear a tag, whatever its capitals."""
    # Between separators, so that a tag isn't found inside a longer one. The partial index holds no untagged rows, and
    # serves only queries that leave them out.
    whole = Concat(Value(SEPARATOR), "tags", Value(SEPARATOR), output_field=models.TextField())
    return rows.exclude(tags="").alias(_tags=whole).filter(_tags__icontains=f"{SEPARATOR}{tag}{SEPARATOR}")


def in_use(rows: models.QuerySet, begins: str = "") -> list[str]:
    """Return the tags that records bear, the commonest first.

    Where a text is given, only those that begin with it.
    """
    counted: Counter[str] = Counter()
    # In no order: what rows are sorted by would divide the counts.
    for text, count in rows.exclude(tags="").order_by().values_list("tags").annotate(count=models.Count("pk")):
        counted.update(dict.fromkeys(tags_of(text), count))
    wanted = begins.casefold()
    ordered = sorted(counted, key=lambda tag: (-counted[tag], tag.casefold()))
    return [tag for tag in ordered if tag.casefold().startswith(wanted)]
