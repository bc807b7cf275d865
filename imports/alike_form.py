"""The form that asks whether names of customers, suppliers and others that are nearly alike mean the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from imports.converter import Converter
from imports.forms import helper
from registers.parsing.targets import Target

#: What names that are alike are kept under, as JSON.
ALIKE = "alike"
#: What is chosen where each name is one of its own.
_OWN = "own"
_MOST = 50


def alike_of(converter: Converter) -> list[dict[str, Any]]:
    """Return names that are to be recorded, and are alike among each other or to one that is there; without those settled.

    Each group has the fields that they stand in, the names, and what is called nearly so already.
    """
    found = []
    targets = [feed.target for feed in converter.feeds.values() if feed.target.kind in ("record", "records")]
    for lookup in converter.lookups.creating:
        fields = [target.name for target in targets if converter.lookups.of(target) is lookup]
        own = {w for name in fields for w, means in converter.mapping.values.get(name, {}).items() if w == means}
        for known, names in lookup.alike():
            if set(names) - own:
                found.append({"fields": fields, "names": names, "known": known})
    return found[:_MOST]


class AlikeForm(forms.Form):
    """One question for all names that are alike: which of them is meant, or that each is one of its own."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, asked: Sequence[Mapping[str, Any]], targets: Mapping[str, Target]
    ) -> None:
        super().__init__(data)
        self._groups = {f"alike-{place}": group for place, group in enumerate(asked)}
        for field, group in self._groups.items():
            names = [name for name in (group["known"], *group["names"]) if name]
            quoted = _(" and ").join(f"“{name}”" for name in names)
            labels = ", ".join(targets[name].label for name in group["fields"] if name in targets)
            self.fields[field] = forms.ChoiceField(
                label=_("%(field)s: %(names)s are") % {"field": labels, "names": quoted},
                # What is recorded already is meant likeliest, else the name that says most.
                initial=group["known"] or max(names, key=len),
                choices=[*_same(group), (_OWN, _("not the same: each is one of its own"))],
            )
        self.helper = helper()

    @property
    def is_open(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self._groups)

    def words(self) -> dict[str, dict[str, str]]:
        """Return by field what the names mean: one of them, or each itself."""
        said: dict[str, dict[str, str]] = {}
        for field, group in self._groups.items():
            answer = self.cleaned_data[field]
            for name in group["fields"]:
                said.setdefault(name, {}).update(_meant(group["names"], answer))
        return said


def _same(group: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if group["known"]:
        yield group["known"], _("the same: “%(name)s”, which is recorded") % {"name": group["known"]}
        return
    for name in group["names"]:
        yield name, _("the same, recorded as “%(name)s”") % {"name": name}


def _meant(names: Iterable[str], answer: str) -> dict[str, str]:
    return {name: name if answer == _OWN else answer for name in names if answer == _OWN or name != answer}
