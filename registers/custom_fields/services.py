"""The state changes of a custom field's definition.

Each is one transaction that writes its history.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from organizations import clock
from organizations.models import User
from registers.custom_fields.models import PREFIX, CustomField
from trail.actor import acting

#: How the ends of a range are called in an address, behind the name of its filter.
ENDS = ("_min", "_max", "_after", "_before")


@transaction.atomic
def add_field(definition: CustomField, *, by: User | None) -> CustomField:
    """Add a field to its register, behind those that are there.

    Its key is made from its name, unless it has one (:func:`key_for`), and never changes.
    """
    others = list(CustomField.objects.of(definition.register))
    definition.key = definition.key or key_for(definition.register, definition.label)
    definition.position = max((other.position for other in others), default=0) + 1
    return save_field(definition, by=by)


@transaction.atomic
def save_field(definition: CustomField, *, by: User | None) -> CustomField:
    """Save what was changed of a field: its name, explanation, choices."""
    with acting(by):
        definition.save()
    return definition


@transaction.atomic
def retire_field(definition: CustomField, *, by: User | None) -> CustomField:
    """Take a field out of use. Every record keeps its value, and its history shows it."""
    definition.retired_at = clock.now()
    return save_field(definition, by=by)


@transaction.atomic
def restore_field(definition: CustomField, *, by: User) -> CustomField:
    """Take a field into use again, with the values that records kept."""
    definition.retired_at = None
    return save_field(definition, by=by)


@transaction.atomic
def move_field(definition: CustomField, *, up: bool, by: User) -> CustomField:
    """Put a field before the one above it, or behind the one below.

    The first and the last stay where they are.
    """
    used = [other for other in CustomField.objects.of(definition.register) if not other.is_retired]
    place = next(at for at, other in enumerate(used) if other.pk == definition.pk)
    target = place - 1 if up else place + 1
    if 0 <= target < len(used):
        used[place], used[target] = used[target], used[place]
        for position, other in enumerate(used, start=1):
            # Only what has moved gets a version in its history.
            if other.position != position:
                other.position = position
                save_field(other, by=by)
    return definition


def key_for(register: str, label: str, besides: Iterable[str] = ()) -> str:
    """Return a key for a field of that name which no field of the register has, nor one of these."""
    keys = CustomField.objects.of(register).values_list("key", flat=True)
    return _unused(f"{PREFIX}{_coded(label)}", _taken([*keys, *besides]))


def with_choices(choices: Iterable[dict[str, Any]], labels: Iterable[str]) -> list[dict[str, Any]]:
    """Return choices and further ones of these labels.

    Each further one gets a code of its own that never changes.
    """
    found = list(choices)
    for label in labels:
        # Shorter than the 40 characters of a code: a number may have to stand behind it.
        code = _unused(_coded(label)[:36], {str(choice["code"]) for choice in found})
        found.append({"code": code, "label": label, "retired": False})
    return found


def _coded(label: str) -> str:
    """Return a name in small letters and underscores.

    Of one in another script nothing is left, and a word stands for it.
    """
    return slugify(label).replace("-", "_")[:40].strip("_") or "field"


def _taken(keys: Iterable[str]) -> set[str]:
    """Return keys, and names that would be mixed up with them in an address.

    There a range is said by its ends.
    """
    known = set(keys)
    ends = {f"{key}{end}" for key in known for end in ENDS}
    return known | ends | {key.removesuffix(end) for key in known for end in ENDS}


def _unused(wanted: str, taken: set[str]) -> str:
    """Return what is wanted, with a number behind it where that is taken."""
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}_{number}"
    return found
