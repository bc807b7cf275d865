"""Columns that become custom fields with their import: the field is made in its transaction, and goes with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from organizations.models import User
from registers.custom_fields import services
from registers.custom_fields.models import CustomField, fields_of
from registers.parsing.targets import Target, target_of_custom, targets_of
from registers.register import Register

#: The member of a mapping's options that says which fields are to be made: key → label and kind.
NEW_FIELDS = "new_fields"
#: Kinds that a column's cells give by themselves; choices and people would need more to be said.
KINDS = (CustomField.Kind.TEXT, CustomField.Kind.NUMBER, CustomField.Kind.DATE)
LABEL_LENGTH = 60


def new_targets(register: Register, new_fields: Mapping[str, Mapping[str, str]]) -> dict[str, Target]:
    """Return what columns fill that become custom fields with the import."""
    return {
        key: target_of_custom(CustomField(register=register.slug, key=key, label=said["label"], kind=said["kind"]))
        for key, said in new_fields.items()
    }


def targets_for(register: Register, plain: Any) -> dict[str, Target]:
    """Return all that an import can set by a mapping given as JSON: the register's fields and those it makes."""
    options = plain.get("options") if isinstance(plain, dict) else None
    said = options.get(NEW_FIELDS) if isinstance(options, dict) else None
    return new_targets(register, read_new_fields(said or {})) | targets_of(register)


def read_new_fields(plain: Any) -> dict[str, dict[str, str]]:
    """Understand which fields are to be made.

    Raises:
        ValueError: it isn't a key with a label and a kind each.
    """
    try:
        found = {str(key): {"label": str(said["label"]), "kind": str(said["kind"])} for key, said in plain.items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(plain) from error
    if not all(said["kind"] in KINDS and 0 < len(said["label"]) <= LABEL_LENGTH for said in found.values()):
        raise ValueError(plain)
    return found


def chosen_fields(
    register: Register, columns: Iterable[tuple[str, str]], besides: Iterable[str]
) -> dict[str, dict[str, str]]:
    """Return the fields to be made of columns, each a header and a kind, by keys that no field has, nor one ``besides``."""
    found: dict[str, dict[str, str]] = {}
    for header, kind in columns:
        key = services.key_for(register.slug, header, [*found, *besides])
        found[key] = {"label": header[:LABEL_LENGTH], "kind": kind}
    return found


def choices() -> tuple[str, list[tuple[str, str]]]:
    """Return what a column may become, as a group of choices."""
    return _("A new field of your own"), [
        (f"new-{kind}", _("new field: %(kind)s") % {"kind": kind.label}) for kind in KINDS
    ]


def make_fields(register: Register, new_fields: Mapping[str, Mapping[str, str]], *, by: User | None) -> None:
    """Make the fields that nobody has made meanwhile; inside the transaction of the rows that fill them."""
    there = {definition.key for definition in fields_of(register.slug)}
    for target in new_targets(register, new_fields).values():
        if target.custom is None or target.name in there:
            continue
        services.add_field(target.custom, by=by)


def retire_unused(register: Register, made: Iterable[CustomField], *, by: User | None) -> None:
    """Take fields out of use again that an import made and in which no current record holds a value."""
    rows: Any = register.model.objects
    for definition in made:
        if (
            not definition.is_retired
            and not rows.current().filter(**{f"{CustomField.LEAF}__has_key": definition.key}).exists()
        ):
            services.retire_field(definition, by=by)
