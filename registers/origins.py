"""What a row arises from: a row of any register, named by its reference or by the id that its source gave it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registers.models import Record
from registers.parsing.lookups import NoSuchRow
from registers.register import registry
from spreadsheets.errors import BadValue
from spreadsheets.values import shown

#: Names that one query asks for.
_BATCH = 1000


class KnownReference(str):
    """A reference that was looked up: its row is there."""


class OriginLookup:
    """Rows of all registers by reference or external id, for many names at once.

    A reference goes before an external id, and rows that were archived are found by their reference only.
    """

    def __init__(self, names: Iterable[str]) -> None:
        wanted = {" ".join(name.split()) for name in names}
        self._references: set[str] = set()
        self._called: defaultdict[str, list[str]] = defaultdict(list)
        asked = iter(sorted(wanted - {""}))
        while some := list(islice(asked, _BATCH)):
            self._learn(some)

    def _learn(self, names: Sequence[str]) -> None:
        by_register: defaultdict[str, list[str]] = defaultdict(list)
        for name in names:
            if register := registry.of_reference(name):
                by_register[register.slug].append(name.upper())
        for slug, references in by_register.items():
            self._references.update(
                registry[slug].rows().filter(reference__in=references).values_list("reference", flat=True)
            )
        for register in registry:
            rows = register.rows().current().known_by("external_id", names)
            for external_id, reference in rows.values_list("external_id", "reference"):
                self._called[external_id].append(reference)

    def find(self, text: str) -> KnownReference:
        """Return the reference of the row that a text names.

        Raises:
            BadValue: it names none, or rows of several registers.
        """
        name = " ".join(text.split())
        if name.upper() in self._references:
            return KnownReference(name.upper())
        match self._called.get(name, ()):
            case [reference]:
                return KnownReference(reference)
            case [*several] if several:
                raise BadValue(
                    _("“%(text)s” is the id of several rows: %(references)s.")
                    % {"text": shown(text), "references": _(" and ").join(several)},
                    _("Write the reference of the one that is meant."),
                )
        raise NoSuchRow(
            _("There is no row “%(text)s” in any register.") % {"text": shown(text)},
            _("Write a reference like RSK-0004 or the id that a row has at its source, or leave it empty."),
        )


class Arising(Record):
    """A record that may arise from a row of any register, which its field ``origin`` names by the reference."""

    origin: Any
    _stored_origin: str | None = None

    class Meta(Record.Meta):
        abstract = True

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        row = super().from_db(*args, **kwargs)
        row._stored_origin = row.__dict__.get("origin")  # found when it was stored; asking again costs a query a row
        return row

    def clean(self) -> None:
        super().clean()
        if isinstance(self.origin, KnownReference):
            return
        self.origin = self.origin.strip()
        if self.origin and self.origin != self._stored_origin:
            try:
                self.origin = str(OriginLookup([self.origin]).find(self.origin))
            except BadValue as bad:
                raise ValidationError({"origin": f"{bad.message} {bad.remedy}"}) from bad
