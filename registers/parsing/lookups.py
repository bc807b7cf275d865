"""Lookups of the people, sites and records to which cells point, for a whole file with one query a kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from organizations.members import members
from organizations.models import Site
from organizations.scope import current_organization
from registers.known_names.candidates import Named, candidates, same_name
from registers.known_names.models import KnownName, folded_name
from registers.models import Record
from registers.parsing.alike_names import core_of
from registers.parsing.targets import Target
from spreadsheets.errors import BadValue
from spreadsheets.values import shown

#: Stands for several rows of one name.
_SEVERAL = 0


class NoSuchRow(BadValue):
    """A text that names no row, neither one nor several."""


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _index(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Map names to keys; a name that several rows bear leads to none of them."""
    found: dict[str, int] = {}
    for name, key in pairs:
        folded = _folded(name)
        if folded:
            found[folded] = key if found.get(folded, key) == key else _SEVERAL
    return found


class NamedLookup:
    """Sites by code or name."""

    def __init__(
        self, model: type[models.Model], exact: Iterable[tuple[str, int]], names: Iterable[tuple[str, int]], remedy: str
    ) -> None:
        self.model = model
        self._exact, self._names, self._remedy = _index(exact), _index(names), remedy
        self._instances: dict[int, models.Model] = {}

    def find(self, text: str) -> int | None:
        """Return the key of what a text means.

        Raises:
            BadValue: it means nothing, or several.
        """
        folded = _folded(text)
        key = self._exact.get(folded) or self._names.get(folded)
        if key:
            return key
        raise self.unknown(text, several=key == _SEVERAL)

    def unknown(self, text: str, *, several: bool) -> BadValue:
        """Return why a text means nothing that is known here."""
        reason = _("Several are called “%(text)s”.") if several else _("“%(text)s” isn't known here.")
        return BadValue(reason % {"text": shown(text)}, self._remedy)

    def instances(self, keys: Iterable[int]) -> dict[int, models.Model]:
        """Return the rows behind keys; each is read once a file."""
        wanted = set(keys)
        if unread := wanted - self._instances.keys():
            self._instances |= self.model._default_manager.in_bulk(unread)
        return self._instances


class PeopleLookup(NamedLookup):
    """People by mail address, by name however it is spelt, or by what the organization said that a name means.

    A name that two answer to means nobody, and so does one that a person bears and that was said to mean another.
    """

    def __init__(self) -> None:
        self.people = [Named(*row) for row in members().values_list("pk", "email", "name")]
        remedy = _(
            "Say whom it means, write the mail address or the exact name of a member, or invite the person first."
        )
        emails = ((person.email, person.key) for person in self.people)
        super().__init__(members().model, emails, ((person.name, person.key) for person in self.people), remedy)
        self._spelt = _index((same_name(person.name), person.key) for person in self.people)
        self._learned = dict(KnownName.objects.values_list("folded", "person_id"))
        #: Names that were met and were said to mean nobody.
        self.nobody: dict[str, None] = {}

    def find(self, text: str) -> int | None:
        """Return the key of the person whom a text means; None where it was said to mean nobody.

        Raises:
            BadValue: it means nobody who is known, or several.
        """
        folded, learned = _folded(text), folded_name(text)
        key = self._exact.get(folded) or self._names.get(folded) or self._spelt.get(same_name(text))
        if learned in self._learned:
            said = self._learned[learned]
            if key and key != said:
                raise self.unknown(text, several=True)
            if said is None:
                self.nobody[text.strip()] = None
            return said
        if key:
            return key
        raise self.unknown(text, several=key == _SEVERAL)

    def candidates(self, text: str) -> list[Named]:
        """Return whom an unknown name may mean."""
        return candidates(text, self.people)


def sites() -> NamedLookup:
    """Return the lookup of the current organization's sites."""
    found = list(Site.objects.values_list("pk", "code", "name"))
    remedy = _("Write the code or the exact name of a site, or set the site up first.")
    return NamedLookup(
        Site, ((code, key) for key, code, _name in found), ((name, key) for key, _code, name in found), remedy
    )


class RecordLookup:
    """Records of one register by reference, by external id, or by exact name.

    An archived one is found by its name never, and by its external id only where no current one is called so. Where
    missing ones may be created, each unknown name gets a negative key, until :attr:`missing` is made real.
    """

    def __init__(self, model: type[Record], creates: Mapping[str, Any] | None) -> None:
        self.model, self.creates = model, creates
        self.missing: dict[str, int] = {}
        self._missing_keys: dict[str, int] = {}
        found = list(model.objects.values_list("pk", "reference", "external_id", model.title_field, "archived_at"))
        self._references = {reference: key for key, reference, *_rest in found}
        #: Of names without legal form and signs, which is recorded; and which are still to be.
        self._cores = {
            core_of(name or ""): name for *_row, name, archived in found if creates is not None and not archived
        }
        self._new_cores: defaultdict[str, list[str]] = defaultdict(list)
        # In the order in which they count.
        self._called = (
            _index((external, key) for key, _reference, external, _name, archived in found if not archived),
            _index((name, key) for key, _reference, _external, name, archived in found if not archived),
            _index((external, key) for key, _reference, external, _name, archived in found if archived),
        )

    def find(self, text: str) -> int:
        """Return the key of the record that a text means.

        Raises:
            BadValue: it means nothing, or several.
        """
        first, *_rest = text.split() or [""]
        # “REQ-0042: its title” names the record as well.
        if key := self._references.get(first.upper().rstrip(":,;")):
            return key
        folded = _folded(text)
        key = next((called[folded] for called in self._called if folded in called), None)
        if key:
            return key
        if key == _SEVERAL:
            raise BadValue(
                _("Several rows are called “%(text)s”.") % {"text": shown(text)},
                _("Write the reference of the one that is meant."),
            )
        if self.creates is not None and not self._looks_like_reference(first):
            return self._new(" ".join(text.split()), folded)
        remedy = _(
            "Write a reference like %(prefix)s-0001 or the exact name; or record it first, or have missing ones created."
        ) % {"prefix": self.model.prefix}
        raise NoSuchRow(_("There is no row “%(text)s” here.") % {"text": shown(text)}, remedy)

    def find_all(self, text: str) -> list[int]:
        """Return the keys of all records that a text lists.

        Line breaks, semicolons or commas separate them.
        """
        return list(dict.fromkeys(map(self.find, self.parts(text))))

    def parts(self, text: str) -> list[str]:
        """Return what a text lists, each part of it naming a record."""
        return [part for line in text.replace(";", "\n").splitlines() for part in self._parts(line.strip())]

    def _parts(self, line: str) -> list[str]:
        """Return what a line lists.

        Commas separate, unless they stand in a name that is known or after the line's one reference.
        """
        folded = _folded(line)
        references = sum(self._looks_like_reference(word.strip(",:")) for word in line.split())
        if any(folded in called for called in self._called) or (
            references == 1 and self._looks_like_reference(line.split()[0])
        ):
            return [line]
        return [part.strip() for part in line.split(",") if part.strip()]

    def instances(self, keys: Iterable[int]) -> dict[int, Record]:
        """Return the records behind keys; those still to be created as unsaved rows."""
        names = {key: name for name, key in self.missing.items()}
        wanted = set(keys)
        found: dict[int, Record] = dict(self.model.objects.in_bulk([key for key in wanted if key > 0]))
        return found | {key: self.unsaved(names[key], pk=key) for key in wanted if key < 0}

    def unsaved(self, name: str, **fields: Any) -> Record:
        """Return a record of a name, not written yet."""
        return self.model(
            organization=current_organization(), **{self.model.title_field: name}, **(self.creates or {}), **fields
        )

    def alike(self) -> Iterator[tuple[str, list[str]]]:
        """Yield names to be recorded that are alike but for legal form and signs, with the recorded one that is; else nothing."""
        for core, names in self._new_cores.items():
            known = self._cores.get(core, "")
            if len(names) + bool(known) > 1:
                yield known, names

    def _looks_like_reference(self, word: str) -> bool:
        prefix, _dash, number = word.upper().partition("-")
        return prefix == self.model.prefix and number.isdigit()

    def _new(self, name: str, folded: str) -> int:
        limit: int | None = getattr(self.model._meta.get_field(self.model.title_field), "max_length", None)
        if limit and len(name) > limit:
            raise BadValue(
                _("“%(text)s” is too long for a name.") % {"text": shown(name)},
                _("At most %(limit)s characters.") % {"limit": limit},
            )
        if folded not in self._missing_keys:
            self._missing_keys[folded] = self.missing[name] = -len(self._missing_keys) - 1
            self._new_cores[core_of(name)].append(name)
        return self._missing_keys[folded]


class Lookups:
    """Every lookup that a file needs, made when the first cell asks."""

    def __init__(self, create: frozenset[str]) -> None:
        self._create = create
        self._made: dict[Any, Any] = {}

    def of(self, target: Target) -> Any:
        """Return the lookup of a target of kind person, site, record or records."""
        if target.kind in ("person", "site"):
            return self._once(target.kind, PeopleLookup if target.kind == "person" else sites)
        creates = target.creates if target.name in self._create else None
        return self._once((target.related, creates is not None), lambda: RecordLookup(target.related, creates))

    def _once(self, key: object, make: Callable[..., Any]) -> Any:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    @property
    def nobody(self) -> list[str]:
        """The names that cells hold and that were said to mean nobody."""
        return [name for lookup in self._made.values() if isinstance(lookup, PeopleLookup) for name in lookup.nobody]

    @property
    def creating(self) -> list[RecordLookup]:
        """The lookups that found names of records to be created."""
        return [lookup for lookup in self._made.values() if isinstance(lookup, RecordLookup) and lookup.missing]
