"""The state changes every register shares.

Each is one transaction that writes the row and its history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import User
from registers.models import Record, SavedView
from trail.actor import acting
from trail.models import record_event

if TYPE_CHECKING:
    from registers.forms import RecordForm


class Conflict(Exception):
    """Somebody else saved the record since it was read; ``current`` is what stands there now."""

    def __init__(self, current: Record) -> None:
        super().__init__(f"{current.reference} was changed by someone else.")
        self.current = current


@transaction.atomic
def save_form(form: RecordForm, *, by: User, overwrite: int | None = None) -> Record:
    """Save a valid form: the record, its links, and who did it and why.

    Args:
        form: a valid form.
        by: the person who saves.
        overwrite: the revision that the person was shown beside their own version, to be overwritten.

    Raises:
        Conflict: the record isn't at the revision that the form began from, or at the one to be overwritten.
    """
    record = form.save(commit=False)
    if record.pk is not None:
        _advance_revision(record, form.cleaned_data["revision"] if overwrite is None else overwrite)
    record._change_reason = form.cleaned_data.get("change_reason", "")
    with acting(by):
        record.save()
        for name, linked in form.links().items():
            set_links(record, name, linked)
    return record


def _advance_revision(record: Record, expected: int | None) -> None:
    """Lock the row and count its revision up.

    Args:
        record: the row, holding its new values.
        expected: the revision where the person began; None takes whatever stands there.

    Raises:
        Conflict: the row is at another revision than expected.
    """
    current = type(record).objects.select_for_update().get(pk=record.pk)
    if expected is not None and current.revision != expected:
        raise Conflict(current)
    record.revision = current.revision + 1


def set_links(record: Record, name: str, linked: Sequence[Record]) -> None:
    """Make the rows linked by a many-to-many field exactly these.

    A history row is written for each link made or removed.
    """
    field = record._meta.get_field(name)
    assert isinstance(field, models.ManyToManyField)
    through: Any = field.remote_field.through
    here, there = field.m2m_field_name(), field.m2m_reverse_field_name()
    # The relation's own set() would leave no history, and is refused.
    existing = {getattr(link, f"{there}_id"): link for link in through._default_manager.filter(**{here: record})}
    wanted = {target.pk: target for target in linked}
    for key in existing.keys() - wanted.keys():
        existing[key].delete()
    for key in wanted.keys() - existing.keys():
        through(**{here: record, there: wanted[key]}).save()


@transaction.atomic
def archive(record: Record, *, by: User, reason: str) -> Record:
    """Put a record away with a reason; it no longer counts but stays to be read.

    Raises:
        ValidationError: no reason, or it is archived already.
    """
    if not reason.strip():
        raise ValidationError(_("Say why: an archived row without a reason raises questions in an audit."))
    if record.is_archived:
        raise ValidationError(_("%(reference)s is archived already.") % {"reference": record.reference})
    _put_away(record, by, {"archived_at": clock.now(), "archived_by": by, "archive_reason": reason.strip()}, reason)
    return record


@transaction.atomic
def restore(record: Record, *, by: User, reason: str) -> Record:
    """Take a record back from the archive, with a reason.

    Raises:
        ValidationError: it isn't archived.
    """
    if not record.is_archived:
        raise ValidationError(_("%(reference)s isn't archived.") % {"reference": record.reference})
    _put_away(record, by, {"archived_at": None, "archived_by": None, "archive_reason": ""}, reason)
    return record


def _put_away(record: Record, by: User, values: Mapping[str, object], reason: str) -> None:
    _advance_revision(record, None)
    for name, value in values.items():
        setattr(record, name, value)
    record._change_reason = reason.strip()  # type: ignore[attr-defined]
    with acting(by):
        record.save()


@transaction.atomic
def keep_view(view: SavedView, *, by: User) -> SavedView:
    """Keep a list under a name, in place of the person's own of that name and register.

    If it is to be the default, it takes the place of that as well.
    """
    others = SavedView.objects.filter(register=view.register).exclude(pk=view.pk)
    # Before the view is saved: constraints allow one of a name, and one default.
    others.filter(owner_id=view.owner_id, name=view.name).delete()
    if view.is_default:
        others.filter(is_default=True).update(is_default=False)
    view.save()
    _tell_of(view, "saved a view", by)
    return view


@transaction.atomic
def drop_view(view: SavedView, *, by: User) -> None:
    """Forget a list that was kept; its rows are not touched."""
    _tell_of(view, "removed a view", by)
    view.delete()


def _tell_of(view: SavedView, verb: str, by: User) -> None:
    with acting(by):
        record_event(verb, view.register, name=view.name, shared=view.is_shared, default=view.is_default)
